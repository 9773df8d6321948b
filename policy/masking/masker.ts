/**
 * The streaming masker. It keeps a short list of live runs, in order of their starts; what lies before the first position that any of them may still
 * cover is released.
 *
 * A run of a rule with a secret group covers that group only: until the group begins it holds nothing back.
 */

import type { Engine } from "./engine.ts";
import type { FoundRule, PartMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import type { Region } from "./regions.ts";
import type { Candidate, Run } from "./run.ts";
import { MAX_RUNS, RunKeeper } from "./run-keeper.ts";
import { type Edge, UNBUILT } from "./tables.ts";
import { JoinedText } from "./views-outlet.ts";

/** Runs that are followed without marks: comparing each with each is cheaper for so few. */
const FEW_RUNS = 8;

export class TextMasker extends RunKeeper implements PartMasker {
  /** The row of start states for the unit just read. */
  private row: number;
  private readonly found: FoundRule | undefined;

  /** `previous`: the code unit before the text, where it is a part of a larger one; -1: its edge. */
  constructor(engine: Engine, previous = -1, found?: FoundRule) {
    super(engine);
    this.found = found;
    this.row = rowAfter(engine, previous);
  }

  reset(previous: number): void {
    this.forgetAll();
    this.row = rowAfter(this.engine, previous);
  }

  get since(): number {
    const first = this.count === 0 ? this.text.position : (this.runs[0] as Run).start;
    return Math.min(first, this.regions.open[0]?.start ?? this.text.position);
  }

  get swallowing(): boolean {
    return this.capped !== undefined || this.flooded;
  }

  get held(): number {
    return this.text.position - this.text.released;
  }

  push(chunk: string): string {
    this.read(chunk);
    if (!this.covers) return this.takeDecided();
    const sink = new JoinedText(this.found);
    this.release(sink, this.undecided());
    return sink.text;
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    this.read(chunk);
    if (this.covers) this.release(sink, this.undecided());
    else {
      const text = this.takeDecided();
      if (text !== "") sink.copy(text);
    }
  }

  finish(end?: LaneEnd): string {
    const sink = new JoinedText(this.found);
    this.finishOps(sink, end);
    return sink.text;
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.close(end);
    this.release(sink, this.text.position, true);
  }

  /** Reads a chunk. Plain stretches are read in tight loops; whatever else happens is left to `step`. */
  private read(chunk: string): void {
    const { classOf, startRow } = this.engine;
    const base = this.text.position;
    this.text.read(chunk);
    if (this.tables !== this.engine.tables) this.moveTo(this.engine.tables);
    for (let at = 0; at < chunk.length; ) {
      if (this.calm) {
        const from = at;
        if (this.count < 2) at = this.readOne(chunk, at);
        if (at < chunk.length && this.count <= FEW_RUNS) at = this.readSeveral(chunk, at);
        if (at > from) continue;
      }
      const unit = classOf[chunk.charCodeAt(at)] as number;
      this.step(unit, base + at);
      this.row = startRow[unit] as number;
      at++;
    }
  }

  /** Follows at most one plain run, in local variables: the hot loop. Returns the offset of the first unit at which more happens. */
  private readOne(chunk: string, from: number): number {
    const { classOf, startRow, capUnits } = this.engine;
    const { cells, starts, startMatters, edges } = this.tables;
    const { base } = this.text;
    const length = chunk.length;
    const only = this.slot(0);
    let fresh = this.count === 0 || only.state === 0;
    let state = fresh ? 0 : only.state;
    let start = fresh ? 0 : only.start - base;
    let row = this.row;
    let at = from;
    let unit = 0;
    let first = 0;
    let next = 0;
    let second = 0;
    let secondStart = 0;
    while (at < length) {
      if (state === 0) {
        do {
          unit = classOf[chunk.charCodeAt(at)] as number;
          first = starts[row + unit] as number;
          if (first !== 0) break;
          row = startRow[unit] as number;
        } while (++at < length);
        if (at >= length || first < 0) break;
        fresh = true;
        state = first;
        start = at;
      } else {
        const limit = Math.min(start + capUnits - 1, length);
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
        if (next < 0 && first === 0 && next !== UNBUILT && !(edges[-next] as Edge).accepts) {
          if (fresh) only.begin(base + start, state);
          fresh = false;
          state = this.turn(only, next, base + at);
        } else if (next === 0 && first >= 0) {
          fresh = true;
          state = first;
          start = at;
        } else if (next > 0 && next === first && cells[next + startMatters] === 0) state = next;
        else if (next > 0 && first > 0) {
          // A second run begins; usually one of the two dies soon.
          state = next;
          second = first;
          secondStart = at;
          let other = 1;
          for (;;) {
            row = startRow[unit] as number;
            if (++at >= limit) break;
            unit = classOf[chunk.charCodeAt(at)] as number;
            next = cells[state + unit] as number;
            other = cells[second + unit] as number;
            first = starts[row + unit] as number;
            if (next <= 0 || other <= 0 || first !== 0 || next === other) break;
            state = next;
            second = other;
          }
          if (at >= limit || first !== 0 || next < 0 || other < 0 || (next === other && next !== 0)) break;
          if (next === 0) {
            fresh = true;
            state = other;
            start = secondStart;
          } else state = next;
          second = 0;
        } else break;
      }
      row = startRow[unit] as number;
      at++;
    }
    if (fresh && state !== 0) only.begin(base + start, state);
    else only.state = state;
    this.count = state === 0 ? 0 : 1;
    if (second !== 0) this.slot(this.count++).begin(base + secondStart, second);
    this.row = row;
    return at;
  }

  /** Follows a few plain runs while none of them meets anything but plain steps; returns the offset of what `step` must look at. */
  private readSeveral(chunk: string, from: number): number {
    const { runs, tables } = this;
    const { base } = this.text;
    const { classOf, startRow, capUnits } = this.engine;
    const { cells, starts, startMatters } = tables;
    let { row, count } = this;
    if (count === 0) return from;
    const end = Math.min(chunk.length, (runs[0] as Run).start + capUnits - 1 - base);
    let at = from;
    while (at < end && count <= FEW_RUNS) {
      const unit = classOf[chunk.charCodeAt(at)] as number;
      const first = starts[row + unit] as number;
      let sign = first;
      for (let index = 0; index < count; index++) sign |= cells[(runs[index] as Run).state + unit] as number;
      if (sign < 0 && (first < 0 || !this.onlyMoves(unit, count))) break;
      let kept = 0;
      for (let index = 0; index < count; index++) {
        const run = runs[index] as Run;
        let state = cells[run.state + unit] as number;
        if (state < 0) state = this.turn(run, state, base + at);
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
      if (count < 2) break;
    }
    this.count = count;
    this.row = row;
    return at;
  }

  /** Whether all that a unit does to the first runs, besides going on, is to begin or end secret groups. */
  private onlyMoves(unit: number, count: number): boolean {
    const { cells, edges } = this.tables;
    for (let index = 0; index < count; index++) {
      const value = cells[(this.runs[index] as Run).state + unit] as number;
      if (value < 0 && (value === UNBUILT || (edges[-value] as Edge).accepts)) return false;
    }
    return true;
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

  /** Whether something is to be covered. */
  private get covers(): boolean {
    return this.regions.settled.length > 0 || this.regions.open.length > 0;
  }

  /** Releases what is decided, where nothing is to be covered. */
  private takeDecided(): string {
    const { text } = this;
    return text.take(text.betweenCharacters(this.count === 0 ? text.position : Math.min(this.undecided(), text.position)));
  }

  /** Releases what lies before `hold`. */
  private release(sink: ReleaseSink, hold: number, last = false): void {
    const { regions, text } = this;
    for (const region of regions.settled) this.show(sink, region);
    if (regions.settled.length > 0) regions.settled = [];
    const next = regions.open[0];
    if (next?.frozen === true) {
      if (this.swallowed === next) regions.extend(next, text.position);
      this.show(sink, next);
    }
    let until = Math.min(hold, text.position);
    for (const region of regions.open) if (!region.shown) until = Math.min(until, region.start);
    if (!last) until = text.betweenCharacters(until);
    if (until > text.released) sink.copy(text.take(until));
  }

  private show(sink: ReleaseSink, region: Region): void {
    const { text } = this;
    if (region.start > text.released) sink.copy(text.take(region.start));
    const from = text.released;
    const whole = region.partial || region.frozen ? undefined : text.upTo(region.end);
    const replacement = region.shown ? "" : (this.engine.replacers[region.rule]?.(whole) ?? "");
    if (region.end > from || !region.shown) sink.mask(Math.max(0, region.end - from), region.rule, replacement, region.shown);
    region.shown = true;
    if (region.end > from) text.take(region.end);
  }
}

/** The row of start states behind a code unit; -1: at the edge of the text. */
function rowAfter(engine: Engine, previous: number): number {
  return previous < 0 ? engine.firstRow : (engine.startRow[engine.classOf[previous] ?? 0] ?? engine.firstRow);
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
