/** What lanes and views of other syntaxes build on: a masker of plain text that tells its releases as operations on the source. */

import type { LaneEnd, Masker } from "./program.ts";

/**
 * Takes releases in order. Together they spell the source: `copy` and `mask` say how many of its units they stand for, so that a caller can map offsets.
 */
export interface ReleaseSink {
  /** Source units that go on as they are. */
  copy(text: string): void;
  /**
   * `units` source units that are replaced by `text`. A secret beyond the cap comes in several calls: all but the first have `continues` and an empty text.
   * `rule` is the index of the detector in the program's list: the lower one names united spans.
   */
  mask(units: number, rule: number, text: string, continues: boolean): void;
}

/**
 * Told the rule of each replacement as it is released: the index of its detector in the program's list, or beyond for what a lane adds. Answers whether the
 * text goes on: if not, neither the replacement nor what stands behind it is released.
 */
export type FoundRule = (rule: number) => boolean;

/** A masker whose releases can be read as operations: `push` and `pushOps` read alike and differ in where the release goes. */
export interface PlainMasker extends Masker {
  /** As `push`, into a sink. */
  pushOps(chunk: string, sink: ReleaseSink): void;
  /** As `finish`, into a sink. */
  finishOps(sink: ReleaseSink, end?: LaneEnd): void;
}

/** A masker of a part of a text, as views need it: they are shown again what is still alive. */
export interface PartMasker extends PlainMasker {
  /** Where the earliest live run began, context included; the end of what was pushed when none is live. */
  readonly since: number;
  /** Whether a run beyond the cap is being swallowed. */
  readonly swallowing: boolean;
  /** Begins another text, even after `finish`, as if opened anew: `previous` is the code unit before it, -1 its edge. */
  reset(previous: number): void;
}
