/** Tells keys from the fillers that documentation puts in their place: `AKIAXXXXXXXXXXXXXXXX`, `AKIAIOSFODNN7EXAMPLE`, `ghp_xxxx…`, `hf_****`. */

import type { Validator } from "../masking/detector.ts";

/** Rows of eight equal characters that stand for "fill this in": a drawn key of 40 base-62 characters has one once in 10¹¹ keys. */
const FILLERS = new Set([..."xX*.#"].map((character) => character.charCodeAt(0)));
const FILLER_ROW = 8;
/** Others need a longer row. Some (`A`, `0`, `Q`, `Z`) stand in rows inside encoded structures and in published test keys, and are left out. */
const DOUBTFUL = new Set([..."a1_"].map((character) => character.charCodeAt(0)));
const DOUBTFUL_ROW = 16;

/** What providers spell in the keys that they print. */
const EXAMPLE = "EXAMPLE";

const NOTHING = -1;
const MIXED = -2;

/** Refuses candidates with a row of equal filler characters or no others (the nil UUID), and those that say that they are examples. */
export const notFiller = (): Validator => new NotFiller();

class NotFiller implements Validator {
  private last = -1;
  private row = 0;
  private filled = false;
  /** The only letter or digit so far; -1: none yet, -2: there were different ones. */
  private only = NOTHING;
  /** Characters of `EXAMPLE` that stand at the end. */
  private spelled = 0;

  push(unit: number): void {
    this.row = unit === this.last ? this.row + 1 : 1;
    this.last = unit;
    if ((this.row >= FILLER_ROW && FILLERS.has(unit)) || (this.row >= DOUBTFUL_ROW && DOUBTFUL.has(unit))) this.filled = true;
    if (isLetterOrDigit(unit) && this.only !== unit) this.only = this.only === NOTHING ? unit : MIXED;
    // Only its last letter is also its first, so that a wrong letter begins anew.
    this.spelled = unit === EXAMPLE.charCodeAt(this.spelled) ? this.spelled + 1 : Number(unit === EXAMPLE.charCodeAt(0));
    if (this.spelled === EXAMPLE.length) this.filled = true;
  }

  accepts(): boolean {
    return !this.filled && this.only === MIXED;
  }
}

const isLetterOrDigit = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
