/**
 * The engine as views and JSON lanes use it: it says where matches are and how far it is sure, and leaves the text to its caller.
 * One lane has several scanners (the text itself, its views), whose spans are united before anything is replaced.
 */

import type { LaneEnd } from "./program.ts";

/** Takes a scanner's spans, in order of decision, each exactly once but for capped ones. Offsets as {@link Scanner.reset} numbers them. */
export interface SpanSink {
  /**
   * `detector` is the index in the program's list. A `capped` span (rule 5) covers what has been swallowed so far; it is told again, from the same
   * start, each time that it has grown by the end of a push.
   */
  span(start: number, end: number, detector: number, capped: boolean): void;
}

/** Scans one text after another. Made by the compiled program for one sink; reset between texts, so that none is allocated per string. */
export interface Scanner {
  /** Scans on. Spans that were decided are told before this returns. */
  push(text: string): void;
  /** Every span that is still to be told, but for a capped one told before, begins here or later. At most the end of what was pushed. */
  readonly hold: number;
  /** Whether nothing is live: no run, no region, no capped span; a scanner reset here would go on alike. */
  readonly idle: boolean;
  /** The text ended. What is still to be told is told. */
  finish(end: LaneEnd): void;
  /** Begins anew: the next code unit has offset `at` and follows the code unit `previous` (-1: the text's edge). */
  reset(at: number, previous: number): void;
}
