/** A live attempt to match, from one start. */

import type { Validator } from "./detector.ts";

/** A match of one rule that is not yet certain: it may grow, or an earlier one may take its place. */
export interface Candidate {
  readonly rule: number;
  /** Where the match ends. */
  end: number;
  /** What it would cover: the match, or its secret group; `−1` for nothing. */
  coverStart: number;
  coverEnd: number;
}

/** A validator at work on one text that grows. */
export interface Check {
  readonly rule: number;
  readonly start: number;
  readonly validator: Validator;
  /** Position up to which it was fed. */
  fed: number;
  passed: boolean;
}

const NO_POSITIONS: readonly number[] = [];

/** All patterns tried from one start: one state of the tables. Used again for other starts, so `begin` forgets everything. */
export class Run {
  start = 0;
  /** Row of the tables; 0: nothing can match any more. */
  state = 0;
  /** Where secret groups begin and end, by cell (see `automaton.ts`); a cell without a beginning begins where the run does. */
  opens: readonly number[] = NO_POSITIONS;
  closes: readonly number[] = NO_POSITIONS;
  candidates: Candidate[] | undefined = undefined;
  checks: Check[] | undefined = undefined;

  begin(start: number, state: number): void {
    this.start = start;
    this.state = state;
    this.opens = NO_POSITIONS;
    this.closes = NO_POSITIONS;
    this.candidates = undefined;
    this.checks = undefined;
  }
}
