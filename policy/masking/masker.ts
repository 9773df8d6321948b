/**
 * The streaming masker. It keeps a short list of live runs, in order of their starts; what lies before the first position that any of them may still
 * cover is released. Every decision depends on the text alone and is taken at a position of the text, never at the end of a chunk.
 *
 * A run of a rule with a secret group covers that group only: until the group begins it holds nothing back.
 */

import { type Accept, cellOf, closesHere, hasCell } from "./automaton.ts";
import type { Engine } from "./engine.ts";
import type { PartMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import { type Region, Regions } from "./regions.ts";
import { type Candidate, type Check, Run } from "./run.ts";
import { isHighSurrogate, isLowSurrogate } from "./surrogates.ts";
import { type Edge, type Tables, UNBUILT } from "./tables.ts";

/** Live runs at one position before the first of them fails closed: only patterns without a left boundary come near. */
const MAX_RUNS = 1024;
/** Live runs behind a capped one, before the rest of the lane is swallowed. */
const MAX_RUNS_WHILE_CAPPED = 8 * MAX_RUNS;
/** Runs that are followed without marks: comparing each with each is cheaper for so few. */
const FEW_RUNS = 8;

export class TextMasker implements PartMasker {
  private readonly engine: Engine;
  private tables: Tables;
  /** Live and waiting runs, in order of their starts: the first `count` of the list; what lies behind is used again. */
  private readonly runs: Run[] = [];
  private count = 0;
  private readonly regions = new Regions();
  /** Code units read. */
  private position = 0;
  /** Code units released or swallowed. */
  private released = 0;
  /** The text from `released` up to where the current chunk began. */
  private kept = "";
  private chunk = "";
  /** Where the current chunk begins. */
  private base = 0;
  /** The row of start states for the unit just read. */
  private row: number;
  /** Candidates of all runs. */
  private candidates = 0;
  /** The run beyond the cap, whose text is swallowed, and its region. */
  private capped: Run | undefined = undefined;
  private swallowed: Region | undefined = undefined;
  /** Text before this position was swallowed: no validator can see it. */
  private blind = -1;
  /** No unit follows: what lives matches no more. */
  private ended = false;
  /** More runs than can be followed: everything is swallowed from here on. */
  private flooded = false;

  /** `previous`: the code unit before the text, where it is a part of a larger one; -1: its edge. */
  constructor(engine: Engine, previous = -1) {
    this.engine = engine;
    this.tables = engine.tables;
    this.row = previous < 0 ? engine.firstRow : (engine.startRow[engine.classOf[previous] ?? 0] ?? engine.firstRow);
  }

  get since(): number {
    const first = this.count === 0 ? this.position : (this.runs[0] as Run).start;
    return Math.min(first, this.regions.open[0]?.start ?? this.position);
  }

  get swallowing(): boolean {
    return this.capped !== undefined || this.flooded;
  }

  get held(): number {
    return this.position - this.released;
  }

  push(chunk: string): string {
    this.read(chunk);
    if (this.regions.settled.length > 0 || this.regions.open.length > 0) {
      const sink = new TextSink();
      this.release(sink, this.undecided());
      return sink.text;
    }
    return this.releasePlain(this.count === 0 ? this.position : this.undecided());
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    this.read(chunk);
    this.release(sink, this.undecided());
  }

  finish(end?: LaneEnd): string {
    const sink = new TextSink();
    this.finishOps(sink, end);
    return sink.text;
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.close(end);
    this.release(sink, this.position, true);
  }

  /** Releases what lies before `hold` where nothing was found. */
  private releasePlain(hold: number): string {
    const text = this.kept === "" ? this.chunk : this.kept + this.chunk;
    let length = Math.min(hold, this.position) - this.released;
    if (length > 0 && splitsPair(text, length)) length--;
    this.released += length;
    this.chunk = "";
    if (length === text.length) {
      this.kept = "";
      return text;
    }
    this.kept = length === 0 ? text : text.slice(length);
    return length === 0 ? "" : text.slice(0, length);
  }

  /** Reads a chunk: the hot loop. Follows one plain run in local variables and leaves everything else to `step`. */
  private read(chunk: string): void {
    const { engine } = this;
    const { classOf, startRow, capUnits } = engine;
    const length = chunk.length;
    const base = this.position;
    this.chunk = chunk;
    this.base = base;
    if (this.tables !== engine.tables) this.moveTo(engine.tables);
    let { cells, starts, startMatters } = this.tables;
    let row = this.row;
    let at = 0;
    while (at < length) {
      if (this.count <= 1 && this.calm) {
        const only = this.slot(0);
        let fresh = this.count === 0 || only.state === 0;
        let state = fresh ? 0 : only.state;
        let start = fresh ? 0 : only.start - base;
        let unit = 0;
        for (;;) {
          if (state === 0) {
            let first = 0;
            do {
              unit = classOf[chunk.charCodeAt(at)] as number;
              first = starts[row + unit] as number;
              if (first !== 0) break;
              row = startRow[unit] as number;
            } while (++at < length);
            if (at >= length || first < 0) break;
            state = first;
            start = at;
            row = startRow[unit] as number;
            if (++at >= length) break;
            continue;
          }
          const limit = start + capUnits - 1 < length ? start + capUnits - 1 : length;
          let next = 1;
          let first = 0;
          while (at < limit) {
            unit = classOf[chunk.charCodeAt(at)] as number;
            next = cells[state + unit] as number;
            first = starts[row + unit] as number;
            if (next <= 0 || first !== 0) break;
            state = next;
            row = startRow[unit] as number;
            at++;
          }
          if (at >= limit) break;
          if (next === 0 && first >= 0) {
            fresh = true;
            state = first;
            start = at;
          } else if (next > 0 && next === first && cells[next + startMatters] === 0) {
            state = next;
          } else break;
          row = startRow[unit] as number;
          if (++at >= length) break;
        }
        if (fresh && state !== 0) only.begin(base + start, state);
        else only.state = state;
        this.count = state === 0 ? 0 : 1;
        if (at >= length) break;
      }
      this.row = row;
      at = this.readSeveral(chunk, at);
      row = this.row;
      if (at >= length) break;
      const unit = classOf[chunk.charCodeAt(at)] as number;
      this.step(unit, base + at);
      row = startRow[unit] as number;
      ({ cells, starts, startMatters } = this.tables);
      at++;
    }
    this.row = row;
    this.position = base + length;
  }

  /** Follows a few plain runs while none of them meets anything but plain steps; returns the offset of what `step` must look at. */
  private readSeveral(chunk: string, from: number): number {
    const { runs, tables, base } = this;
    const { classOf, startRow, capUnits } = this.engine;
    const { cells, starts, startMatters } = tables;
    let { row, count } = this;
    if (count < 2 || count > FEW_RUNS || !this.calm) return from;
    const end = Math.min(chunk.length, (runs[0] as Run).start + capUnits - 1 - base);
    let at = from;
    while (at < end && count > 1 && count <= FEW_RUNS) {
      const unit = classOf[chunk.charCodeAt(at)] as number;
      const first = starts[row + unit] as number;
      let sign = first;
      for (let index = 0; index < count; index++) sign |= cells[(runs[index] as Run).state + unit] as number;
      if (sign < 0) break;
      let kept = 0;
      for (let index = 0; index < count; index++) {
        const run = runs[index] as Run;
        const state = cells[run.state + unit] as number;
        if (state === 0 || (kept > 0 && cells[state + startMatters] === 0 && isAmong(runs, kept, state))) continue;
        run.state = state;
        if (kept < index) {
          runs[index] = runs[kept] as Run;
          runs[kept] = run;
        }
        kept++;
      }
      count = kept;
      if (first !== 0 && (cells[first + startMatters] !== 0 || !isAmong(runs, count, first))) this.slot(count++).begin(base + at, first);
      row = startRow[unit] as number;
      at++;
    }
    this.count = count;
    this.row = row;
    return at;
  }

  /** Nothing waits for a decision, so that plain steps suffice. */
  private get calm(): boolean {
    return this.candidates === 0 && this.capped === undefined && this.regions.open.length === 0 && !this.flooded;
  }

  /** One unit, all runs, every case. `at` is its position in the lane. */
  private step(unit: number, at: number): void {
    if (this.flooded) return;
    if (this.tables.full) this.moveTo(this.engine.renew(this.tables));
    const { tables, runs, count } = this;
    const serial = tables.beginStep();
    const { mark, startMatters } = tables;
    let { cells } = tables;
    let kept = 0;
    // INVARIANT: a run may be dropped in favour of an earlier one in the same state only if no candidate before that one could still suppress it alone.
    let barrier = -1;
    for (let index = 0; index < count; index++) {
      const run = runs[index] as Run;
      let state = cells[run.state + unit] as number;
      if (state < 0) {
        state = this.turn(run, state === UNBUILT ? tables.build(run.state, unit) : state, at);
        ({ cells } = tables);
      }
      run.state = state;
      if (state === 0) {
        if (run === this.capped) this.endSwallow(at);
        if (run.candidates === undefined || this.capped !== undefined) {
          // Behind a capped run, what a candidate would cover is swallowed already.
          if (run.candidates !== undefined) this.candidates -= run.candidates.length;
          continue;
        }
      } else {
        const comparable = cells[state + startMatters] === 0 || run.start < this.blind;
        if (comparable && cells[state + mark] === serial && run.candidates === undefined && run !== this.capped) continue;
        if (comparable && run.start >= barrier) cells[state + mark] = serial;
      }
      if (run.candidates !== undefined) barrier = Math.max(barrier, furthest(run.candidates));
      if (kept < index) {
        runs[index] = runs[kept] as Run;
        runs[kept] = run;
      }
      kept++;
    }
    this.count = kept;
    const first = tables.starts[this.row + unit] as number;
    if (first > 0) {
      if (cells[first + mark] !== serial || (cells[first + startMatters] !== 0 && at >= this.blind))
        this.slot(this.count++).begin(at, first);
    } else if (first < 0)
      this.begin(first === UNBUILT ? tables.buildStart(this.row / (this.engine.automaton.edge + 1), unit) : first, at, serial);
    if (!this.calm || (this.count > 0 && (this.runs[0] as Run).start <= at + 1 - this.engine.capUnits) || this.count > MAX_RUNS)
      this.decide(at + 1);
  }

  /** The live and waiting runs as a list of their own. */
  private living(): readonly Run[] {
    return this.runs.slice(0, this.count);
  }

  /** A run of the list to use or to use again. */
  private slot(index: number): Run {
    const known = this.runs[index];
    if (known !== undefined) return known;
    const run = new Run();
    this.runs.push(run);
    return run;
  }

  /** Begins a run at a unit with which something happens, unless an equal one lives already. */
  private begin(first: number, at: number, serial: number): void {
    if (first === 0) return;
    const run = this.slot(this.count);
    run.begin(at, 0);
    run.state = this.turn(run, first, at);
    if (run.state === 0 && run.candidates === undefined) return;
    const { cells, mark, startMatters } = this.tables;
    const comparable = run.state !== 0 && (cells[run.state + startMatters] === 0 || at < this.blind);
    if (comparable && cells[run.state + mark] === serial && run.candidates === undefined) return;
    this.count++;
  }

  /** Follows a transition at which something happens; returns the new state. */
  private turn(run: Run, value: number, at: number): number {
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
    const coverStart = cell >= 0 ? (run.opens[cell] ?? -1) : grouped ? -1 : run.start;
    const coverEnd = cell < 0 || closesHere(tag) ? end : (run.closes[cell] ?? end);
    if (!this.passes(run, rule, coverStart, coverEnd)) return;
    run.candidates ??= [];
    const known = run.candidates.find((candidate) => candidate.rule === rule);
    if (known === undefined) {
      run.candidates.push({ rule, end, coverStart, coverEnd });
      this.candidates++;
    } else {
      known.end = end;
      known.coverStart = coverStart;
      known.coverEnd = coverEnd;
    }
  }

  /** Whether the rule's validator passes the text it would cover; every unit is fed to a validator once. */
  private passes(run: Run, rule: number, start: number, end: number): boolean {
    const make = this.engine.detectors[rule]?.validator;
    if (make === undefined) return true;
    if (start < 0) return false;
    if (start < this.blind) return true;
    run.checks ??= [];
    let check = run.checks.find((other) => other.rule === rule && other.start === start);
    if (check === undefined || check.fed > end) {
      check = { rule, start, validator: make(), fed: start, passed: false };
      run.checks.push(check);
    }
    return this.feed(check, end);
  }

  private feed(check: Check, end: number): boolean {
    if (check.fed < end) {
      const { validator } = check;
      for (let at = check.fed; at < end; at++) validator.push(this.unitAt(at));
      check.fed = end;
      check.passed = validator.accepts();
    }
    return check.passed;
  }

  private unitAt(position: number): number {
    return position >= this.base ? this.chunk.charCodeAt(position - this.base) : this.kept.charCodeAt(position - this.released);
  }

  /** Takes the decisions that are due when everything before `now` was read. */
  private decide(now: number): void {
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, now);
    if (this.candidates > 0) this.resolve();
    const { regions } = this;
    const limit = now - this.engine.capUnits;
    if ((this.count > 0 && (this.runs[0] as Run).start <= limit) || (regions.open[0] !== undefined && regions.open[0].start <= limit))
      this.enforceCap(now, limit);
    if (this.count > MAX_RUNS) this.thin(now);
    if (regions.open.length > 0 && this.capped === undefined) regions.settle(this.undecided());
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
      const { holdsStart, threads } = this.tables.state(run.state);
      if (holdsStart) return run.start;
      for (let cell = 0; cell < threads.cells; cell++) hold = Math.min(hold, run.opens[cell] ?? hold);
    }
    for (const { coverStart } of run.candidates ?? []) if (coverStart >= 0) hold = Math.min(hold, coverStart);
    return hold;
  }

  /** The first position that is not decided; infinite if every one is. */
  private undecided(): number {
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
  private endSwallow(end: number): void {
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, end);
    this.blind = Math.max(end, this.swallowed?.end ?? end);
    this.capped = undefined;
    this.swallowed = undefined;
  }

  /** Moves the live runs to other tables. */
  private moveTo(tables: Tables): void {
    for (const run of this.living()) if (run.state !== 0) run.state = tables.adopt(this.tables.state(run.state).threads);
    this.tables = tables;
  }

  /** The lane ended: no unit follows. */
  private close(end: LaneEnd): void {
    const { tables } = this;
    this.chunk = "";
    this.base = this.position;
    for (const run of this.living()) {
      if (run.state === 0) continue;
      for (const accept of tables.last(run.state)?.late ?? []) this.accept(run, accept, this.position);
    }
    this.ended = true;
    if (this.swallowed !== undefined) this.regions.extend(this.swallowed, this.position);
    this.resolve();
    for (const run of this.living()) this.coverUnfinished(run, end);
    this.regions.settle(this.position);
    this.count = 0;
  }

  /** What began and did not end: blocks are covered always, credentials where generation was cut (rule 6). */
  private coverUnfinished(run: Run, end: LaneEnd): void {
    if (run.state === 0) return;
    const { automaton, detectors, blockBody, secretBegun } = this.engine;
    const { nodes, tags } = this.tables.state(run.state).threads;
    for (const [index, node] of nodes.entries()) {
      const rule = automaton.nfa.owner[node] ?? 0;
      const detector = detectors[rule];
      const block = detector?.block === true && blockBody[node] === 1;
      const cut = detector?.credential === true && !end.complete && secretBegun[node] === 1;
      if (!block && !cut) continue;
      const tag = tags[index] ?? 0;
      const start =
        automaton.rules[rule]?.grouped !== true ? run.start : hasCell(tag) ? (run.opens[cellOf(tag)] ?? this.position) : this.position;
      if (start < this.position) this.regions.add(start, this.position, rule, true);
    }
  }

  /** Releases what lies before `hold`. */
  private release(sink: ReleaseSink, hold: number, last = false): void {
    const text = this.kept === "" ? this.chunk : this.kept + this.chunk;
    const origin = this.released;
    const { regions } = this;
    for (const region of regions.settled) this.show(sink, region, text, origin);
    if (regions.settled.length > 0) regions.settled = [];
    const next = regions.open[0];
    if (next?.frozen === true) {
      if (this.swallowed === next) this.regions.extend(next, this.position);
      this.show(sink, next, text, origin);
    }
    let until = Math.min(hold, this.position);
    for (const region of regions.open) if (!region.shown) until = Math.min(until, region.start);
    if (!last && until > this.released && splitsPair(text, until - origin)) until--;
    if (until > this.released) {
      sink.copy(text.slice(this.released - origin, until - origin));
      this.released = until;
    }
    this.kept = this.released >= this.position ? "" : text.slice(this.released - origin);
    this.chunk = "";
  }

  private show(sink: ReleaseSink, region: Region, text: string, origin: number): void {
    if (region.start > this.released) sink.copy(text.slice(this.released - origin, region.start - origin));
    const from = Math.max(region.start, this.released);
    const replace = this.engine.replacers[region.rule];
    const secret = region.partial || region.frozen ? undefined : text.slice(region.start - origin, region.end - origin);
    if (region.end > from || !region.shown)
      sink.mask(region.end - from, region.rule, region.shown || replace === undefined ? "" : replace(secret), region.shown);
    region.shown = true;
    this.released = Math.max(region.end, from);
  }
}

/** Whether a cut before this offset parts a surrogate pair, or may part one that is not wholly there yet. */
function splitsPair(text: string, offset: number): boolean {
  return isHighSurrogate(text.charCodeAt(offset - 1)) && (offset === text.length || isLowSurrogate(text.charCodeAt(offset)));
}

/** Joins releases into a text. */
class TextSink implements ReleaseSink {
  text = "";

  copy(text: string): void {
    this.text += text;
  }

  mask(_units: number, _rule: number, text: string, _continues: boolean): void {
    this.text += text;
  }
}

/** Whether one of the first runs is in the state. */
function isAmong(runs: readonly Run[], count: number, state: number): boolean {
  for (let index = 0; index < count; index++) if ((runs[index] as Run).state === state) return true;
  return false;
}

/** The furthest end of some candidates. */
function furthest(candidates: readonly Candidate[]): number {
  let end = -1;
  for (const candidate of candidates) if (candidate.end > end) end = candidate.end;
  return end;
}

/** Gives the run its new cells: kept ones, ones that open, and ones that close, at a position. */
function moveCells(run: Run, moves: readonly number[], oldCells: number, at: number): void {
  const { opens, closes } = run;
  run.opens = moves.map((source) =>
    source < oldCells ? (opens[source] ?? at) : source === oldCells ? at : (opens[source - oldCells - 1] ?? at),
  );
  run.closes = moves.map((source) => (source < oldCells ? (closes[source] ?? at) : at));
}
