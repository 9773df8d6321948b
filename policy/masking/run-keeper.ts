/**
 * The live runs of a lane and the decisions about them: what becomes a match, what is covered, what fails closed. Every decision is taken at a position of
 * the text and depends on the text before it alone, never on where a chunk ends.
 */

import { type Accept, cellOf, closesHere, hasCell } from "./automaton.ts";
import type { Engine } from "./engine.ts";
import { HeldText } from "./held-text.ts";
import type { LaneEnd } from "./program.ts";
import { type Region, Regions } from "./regions.ts";
import { type Candidate, type Check, Run } from "./run.ts";
import type { Edge, Tables } from "./tables.ts";

/** Live runs at one position before the first of them fails closed: only patterns without a left boundary come near. */
export const MAX_RUNS = 1024;
/** Live runs behind a capped one, before the rest of the lane is swallowed. */
const MAX_RUNS_WHILE_CAPPED = 8 * MAX_RUNS;

export abstract class RunKeeper {
  protected readonly engine: Engine;
  protected tables: Tables;
  /** Live and waiting runs, in order of their starts: the first `count` of the list; what lies behind is used again. */
  protected readonly runs: Run[] = [];
  protected count = 0;
  protected readonly regions = new Regions();
  /** Candidates of all runs. */
  protected candidates = 0;
  /** The run beyond the cap, whose text is swallowed, and its region. */
  protected capped: Run | undefined = undefined;
  protected swallowed: Region | undefined = undefined;
  /** Text before this position was swallowed: no validator can see it. */
  protected blind = -1;
  /** No unit follows: what lives matches no more. */
  protected ended = false;
  /** More runs than can be followed: everything is swallowed from here on. */
  protected flooded = false;
  protected readonly text = new HeldText();

  constructor(engine: Engine) {
    this.engine = engine;
    this.tables = engine.tables;
  }

  /** Forgets everything, to read another text. The list of runs stays to be used again. */
  protected forgetAll(): void {
    this.tables = this.engine.tables;
    this.count = 0;
    this.regions.clear();
    this.candidates = 0;
    this.capped = undefined;
    this.swallowed = undefined;
    this.blind = -1;
    this.ended = false;
    this.flooded = false;
    this.text.reset();
  }

  /** Nothing waits for a decision, so that plain steps suffice. */
  protected get calm(): boolean {
    return this.candidates === 0 && this.capped === undefined && this.regions.open.length === 0 && !this.flooded;
  }

  /** The live and waiting runs as a list of their own. */
  private living(): readonly Run[] {
    return this.runs.slice(0, this.count);
  }

  /** A run of the list to use or to use again. */
  protected slot(index: number): Run {
    const known = this.runs[index];
    if (known !== undefined) return known;
    const run = new Run();
    this.runs.push(run);
    return run;
  }

  /** Follows a transition at which something happens; returns the new state. */
  protected turn(run: Run, value: number, at: number): number {
    if (value >= 0) return value;
    const edge = this.tables.edges[-value] as Edge;
    for (const accept of edge.late) this.accept(run, accept, at);
    if (edge.moves !== undefined) moveCells(run, edge.moves, edge.oldCells, at);
    for (const accept of edge.now) this.accept(run, accept, at + 1);
    return edge.target;
  }

  /** A rule matches from the run's start up to `end`: the later of two candidates of one run always has precedence. */
  private accept(run: Run, { rule, tag }: Accept, end: number): void {
    if (end <= run.start) return;
    const grouped = this.engine.automaton.rules[rule]?.grouped === true;
    const cell = hasCell(tag) ? cellOf(tag) : -1;
    const coverStart = cell >= 0 ? (run.opens[cell] ?? run.start) : grouped ? -1 : run.start;
    const coverEnd = cell < 0 || closesHere(tag) ? end : (run.closes[cell] ?? end);
    if (!this.passes(run, rule, coverStart, coverEnd)) return;
    if (run.candidates === undefined) run.candidates = [];
    for (const known of run.candidates) {
      if (known.rule !== rule) continue;
      known.end = end;
      known.coverStart = coverStart;
      known.coverEnd = coverEnd;
      return;
    }
    run.candidates.push({ rule, end, coverStart, coverEnd });
    this.candidates++;
  }

  /** Whether the rule's validator passes the text it would cover; every unit is fed to a validator once. */
  private passes(run: Run, rule: number, start: number, end: number): boolean {
    const make = this.engine.validators[rule];
    // Context alone covers nothing, so that there is nothing to check: how a pattern lets names be that mean no secret.
    if (make === undefined || start < 0) return true;
    if (start < this.blind) return true;
    const known = checkOf(run, rule, start, end);
    if (known !== undefined) return this.feed(known, end);
    const check = { rule, start, validator: make(), fed: start, passed: false };
    if (run.checks === undefined) run.checks = [check];
    else run.checks.push(check);
    return this.feed(check, end);
  }

  private feed(check: Check, end: number): boolean {
    if (check.fed < end) {
      const { validator } = check;
      for (let at = check.fed; at < end; at++) validator.push(this.text.unitAt(at));
      check.fed = end;
      check.passed = validator.accepts();
    }
    return check.passed;
  }

  /** Takes the decisions that are due when everything before `now` was read. */
  protected decide(now: number): void {
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, now);
    if (this.candidates > 0 && !this.grows) this.resolve();
    const { regions } = this;
    const limit = now - this.engine.capUnits;
    if ((this.count > 0 && (this.runs[0] as Run).start <= limit) || (regions.open[0] !== undefined && regions.open[0].start <= limit))
      this.enforceCap(now, limit);
    if (this.count > MAX_RUNS) this.thin(now);
    if (regions.open.length > 0 && this.capped === undefined) regions.settle(this.undecided());
  }

  /** The only candidate is one of the first run, which may still lengthen it: the common case while a secret is read. */
  private get grows(): boolean {
    const first = this.runs[0] as Run;
    const only = first.candidates === undefined ? undefined : first.candidates[0];
    if (this.candidates > 1 || only === undefined || first.state === 0) return false;
    return ((this.tables.state(first.state).live[only.rule >> 5] as number) & (1 << (only.rule & 31))) !== 0;
  }

  /** Makes candidates matches: those that cannot grow, and that no earlier run of their rule could take the place of. */
  private resolve(): void {
    const { runs } = this;
    const blocked = this.engine.blocked.fill(0);
    let removed = false;
    for (let index = 0; index < this.count && this.candidates > 0; index++) {
      const run = runs[index] as Run;
      const live = run.state === 0 || this.ended ? undefined : this.tables.state(run.state).live;
      if (run.candidates !== undefined) {
        for (const candidate of run.candidates) {
          const word = candidate.rule >> 5;
          const bit = 1 << (candidate.rule & 31);
          if ((((blocked[word] as number) | (live === undefined ? 0 : (live[word] as number))) & bit) !== 0)
            blocked[word] = (blocked[word] as number) | bit;
          else this.match(run, candidate, index);
        }
        removed ||= run.state === 0 && run.candidates === undefined;
      }
      if (live !== undefined)
        for (let word = 0; word < live.length; word++) blocked[word] = (blocked[word] as number) | (live[word] as number);
    }
    if (removed) this.dropDone();
  }

  /** A match is certain: it is covered, and runs that began inside it lose its rule. */
  private match(run: Run, candidate: Candidate, index: number): void {
    this.forget(run, candidate.rule);
    if (candidate.coverEnd > candidate.coverStart && candidate.coverStart >= 0)
      this.regions.add(candidate.coverStart, candidate.coverEnd, candidate.rule, false);
    for (let later = index + 1; later < this.count; later++) {
      const other = this.runs[later] as Run;
      if (other.start >= candidate.end) break;
      this.forget(other, candidate.rule);
      if (other.state !== 0) other.state = this.tables.without(other.state, candidate.rule);
      if (other.state === 0 && other === this.capped) this.endSwallow(candidate.end);
    }
  }

  private forget(run: Run, rule: number): void {
    const { candidates } = run;
    if (candidates === undefined || !candidates.some((candidate) => candidate.rule === rule)) return;
    this.candidates--;
    const others = candidates.filter((candidate) => candidate.rule !== rule);
    run.candidates = others.length === 0 ? undefined : others;
  }

  private dropDone(): void {
    const { runs, count } = this;
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const run = runs[index] as Run;
      if (run.state === 0 && run.candidates === undefined) continue;
      runs[index] = runs[kept] as Run;
      runs[kept++] = run;
    }
    this.count = kept;
  }

  /** The first position a run may still cover. */
  private holdOf(run: Run): number {
    let hold = Number.POSITIVE_INFINITY;
    if (run.state !== 0) {
      const { holdsStart, named } = this.tables.state(run.state);
      if (holdsStart) return run.start;
      for (const cell of named) hold = Math.min(hold, run.opens[cell] ?? run.start);
    }
    for (const { coverStart } of run.candidates ?? []) if (coverStart >= 0) hold = Math.min(hold, coverStart);
    return hold;
  }

  /** The first position that is not decided; infinite if every one is. */
  protected undecided(): number {
    let hold = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.count; index++) {
      const run = this.runs[index] as Run;
      if (run.start >= hold) break;
      if (run !== this.capped) hold = Math.min(hold, this.holdOf(run));
    }
    return hold;
  }

  /** Fails closed what holds more than the cap (rule 5). */
  private enforceCap(now: number, limit: number): void {
    if (this.capped === undefined) this.capRuns(now, limit);
    const first = this.regions.open[0];
    if (first === undefined || first.start > limit) return;
    first.frozen = true;
    this.blindTo(first);
  }

  /** The text of a frozen region may be gone, at whatever chunk: it counts as gone from here on. */
  private blindTo(region: Region): void {
    if (region.frozen && region.end > this.blind) this.blind = region.end;
  }

  private capRuns(now: number, limit: number): void {
    for (const run of this.living()) {
      const hold = this.holdOf(run);
      if (hold > limit) continue;
      if (run.state !== 0) {
        this.swallow(run, hold, now);
        return;
      }
      for (const candidate of run.candidates ?? []) this.match(run, candidate, this.runs.indexOf(run));
    }
    this.dropDone();
  }

  /** Too many runs: the one that holds most fails closed; if that does not end it, everything does. */
  private thin(now: number): void {
    if (this.count > MAX_RUNS_WHILE_CAPPED) this.flood(now);
    if (this.capped !== undefined) return;
    let worst: Run | undefined;
    let hold = Number.POSITIVE_INFINITY;
    for (const run of this.living()) {
      const start = run.state === 0 ? hold : this.holdOf(run);
      if (start < hold) [worst, hold] = [run, start];
    }
    if (worst !== undefined) this.swallow(worst, hold, now);
  }

  private flood(now: number): void {
    const hold = Math.min(this.undecided(), now);
    this.swallowed = this.regions.add(hold, Math.max(now, hold + 1), this.firstRule(), true);
    this.swallowed.frozen = true;
    this.count = 0;
    this.candidates = 0;
    this.flooded = true;
  }

  private firstRule(): number {
    const [first] = this.living();
    return first === undefined ? 0 : this.nameOf(first);
  }

  /** The replacement is decided now, the text swallowed until the run ends. */
  private swallow(run: Run, hold: number, now: number): void {
    this.capped = run;
    this.blind = Number.POSITIVE_INFINITY;
    this.swallowed = this.regions.add(hold, now, this.nameOf(run), true);
    this.swallowed.frozen = true;
  }

  /** The rule of highest priority that may cover something of the run. */
  private nameOf(run: Run): number {
    let rule = Number.POSITIVE_INFINITY;
    for (const candidate of run.candidates ?? []) rule = Math.min(rule, candidate.rule);
    const { owner } = this.engine.automaton.nfa;
    const { nodes, tags } = this.tables.state(run.state).threads;
    for (const [index, node] of nodes.entries()) {
      const grouped = this.engine.automaton.rules[owner[node] ?? 0]?.grouped === true;
      if (!grouped || hasCell(tags[index] ?? 0)) rule = Math.min(rule, owner[node] ?? 0);
    }
    return Number.isFinite(rule) ? rule : 0;
  }

  /** The capped run ended before `end`. */
  protected endSwallow(end: number): void {
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, end);
    this.blind = Math.max(end, this.swallowed?.end ?? end);
    this.capped = undefined;
    this.swallowed = undefined;
  }

  /** Moves the live runs to other tables. */
  protected moveTo(tables: Tables): void {
    for (const run of this.living()) if (run.state !== 0) run.state = tables.adopt(this.tables.state(run.state).threads);
    this.tables = tables;
  }

  /** The lane ended: no unit follows. */
  protected close(end: LaneEnd): void {
    const { tables } = this;
    this.text.read("");
    for (const run of this.living()) {
      if (run.state === 0) continue;
      for (const accept of tables.last(run.state)?.late ?? []) this.accept(run, accept, this.text.position);
    }
    this.ended = true;
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, this.text.position);
    this.resolve();
    for (const run of this.living()) this.coverUnfinished(run, end);
    this.regions.settle(this.text.position);
    this.count = 0;
  }

  /** What began and did not end: blocks are covered always, credentials where generation was cut (rule 6). */
  private coverUnfinished(run: Run, end: LaneEnd): void {
    if (run.state === 0) return;
    const { automaton, detectors, blockBody, secretBegun, blockRules, cutRules } = this.engine;
    const { live, threads } = this.tables.state(run.state);
    if (!meet(live, end.complete ? blockRules : cutRules)) return;
    const { nodes, tags } = threads;
    for (const [index, node] of nodes.entries()) {
      const rule = automaton.nfa.owner[node] ?? 0;
      const detector = detectors[rule];
      const written = automaton.nfa.written(node);
      const block = detector?.block === true && blockBody[written] === 1;
      const cut = detector?.credential === true && !end.complete && secretBegun[written] === 1;
      if (!block && !cut) continue;
      const tag = tags[index] ?? 0;
      const start =
        automaton.rules[rule]?.grouped !== true ? run.start : hasCell(tag) ? (run.opens[cellOf(tag)] ?? run.start) : this.text.position;
      if (start < this.text.position) this.regions.add(start, this.text.position, rule, true);
    }
  }
}

/** Whether two sets of rules have one in common. */
function meet(left: Uint32Array, right: Uint32Array): boolean {
  for (let word = 0; word < left.length; word++) if (((left[word] as number) & (right[word] as number)) !== 0) return true;
  return false;
}

/** The check of a text that began at `start` and was not yet fed beyond `end`. */
function checkOf(run: Run, rule: number, start: number, end: number): Check | undefined {
  if (run.checks === undefined) return undefined;
  for (const check of run.checks) if (check.rule === rule && check.start === start && check.fed <= end) return check;
  return undefined;
}

/** Gives the run its new cells: kept ones, ones that open, and ones that close, at a position. */
function moveCells(run: Run, moves: readonly number[], oldCells: number, at: number): void {
  const { opens, closes } = run;
  run.opens = moves.map((source) =>
    source < oldCells ? (opens[source] ?? run.start) : source === oldCells ? at : (opens[source - oldCells - 1] ?? run.start),
  );
  run.closes = moves.map((source) => (source < oldCells ? (closes[source] ?? at) : at));
}
