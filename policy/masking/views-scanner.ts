/**
 * The engine as views and JSON lanes use it: it says where matches are and how far it is sure, and leaves the text to its caller.
 * One lane has several scanners (the text itself, its views), whose spans are united before anything is replaced.
 */

import type { Core } from "./compile.ts";
import type { PartMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";

/** Takes a scanner's spans: disjoint and in order. Offsets as {@link Scanner.reset} numbers them. */
export interface SpanSink {
  /**
   * `rule` is the index of the detector in the program's list, `text` what stands in place of the span.
   * A span beyond the cap (rule 5) is told as far as it has been swallowed; when it has grown it is told again from the same start, and `continues`.
   */
  span(start: number, end: number, rule: number, text: string, continues: boolean): void;
}

/** Scans one text after another for one sink. */
export interface Scanner {
  /** Scans on. Spans that were decided are told before this returns. */
  push(text: string): void;
  /** The end of what was pushed. */
  readonly end: number;
  /** Every span that is still to be told, but for the growth of a capped one, begins here or later. At most `end`. */
  readonly hold: number;
  /** The text ended. What is still to be told is told. */
  finish(end: LaneEnd): void;
  /** Begins anew: the next code unit has offset `at` and follows the code unit `previous` ({@link edge}: the text begins here). */
  reset(at: number, previous: number): void;
}

/** No code unit: the edge of a text. */
export const edge = -1;

/** The engine's own scanner: a masker, used for one text after another and read for where it masks. */
export class EngineScanner implements Scanner, ReleaseSink {
  readonly #sink: SpanSink;
  readonly #masker: PartMasker;
  /** Offset of the masker's beginning. */
  #origin = 0;
  #end = 0;
  #hold = 0;
  #spanStart = 0;
  #spanText = "";
  /** Released as it is by the push at hand. */
  #copied = "";

  constructor(core: Core, sink: SpanSink) {
    this.#sink = sink;
    this.#masker = core.open();
  }

  get end(): number {
    return this.#end;
  }

  get hold(): number {
    return this.#hold;
  }

  /** Where the earliest live run began, context included: a scanner shown the text from here on would go on alike. `end` when none is live, or one is capped. */
  get since(): number {
    return this.#masker.swallowing ? this.#end : this.#origin + this.#masker.since;
  }

  /** Whether nothing is live. */
  get idle(): boolean {
    return !this.#masker.swallowing && this.#origin + this.#masker.since === this.#end;
  }

  reset(at: number, previous: number): void {
    this.#masker.reset(previous);
    this.#origin = at;
    this.#end = at;
    this.#hold = at;
  }

  /** Gives, besides, what this push has decided that stands for itself: all that there is to release where it told no span. */
  push(text: string): string {
    this.#end += text.length;
    this.#masker.pushOps(text, this);
    const copied = this.#copied;
    this.#copied = "";
    return copied;
  }

  finish(end: LaneEnd): void {
    this.#masker.finishOps(this, end);
  }

  copy(text: string): void {
    this.#hold += text.length;
    this.#copied = this.#copied === "" ? text : this.#copied + text;
  }

  mask(units: number, rule: number, text: string, continues: boolean): void {
    if (!continues) {
      this.#spanStart = this.#hold;
      this.#spanText = text;
    }
    this.#hold += units;
    this.#sink.span(this.#spanStart, this.#hold, rule, this.#spanText, continues);
  }
}
