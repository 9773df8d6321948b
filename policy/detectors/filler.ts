/**
 * Tells keys from the fillers that documentation puts in their place: `AKIAXXXXXXXXXXXXXXXX`, `ghp_xxxx…`, `hf_****`. A key that only says of itself that it is an
 * example (`AKIAIOSFODNN7EXAMPLE`) is masked like any other: people try the gateway with it, and a word that a key may hold must not let keys pass.
 */

import type { Validator } from "../masking/detector.ts";

/** Rows of eight equal characters that stand for "fill this in": a drawn key of 40 base-62 characters has one once in 10¹¹ keys. */
const FILLERS = new Set([..."xX*.#"].map((character) => character.charCodeAt(0)));
const FILLER_ROW = 8;
/** Others need a longer row. Some (`A`, `0`, `Q`, `Z`) stand in rows inside encoded structures and in published test keys, and are left out. */
const DOUBTFUL = new Set([..."a1_"].map((character) => character.charCodeAt(0)));
const DOUBTFUL_ROW = 16;

const NOTHING = -1;
const MIXED = -2;

/** Refuses candidates with a row of equal filler characters or no others (the nil UUID). */
export const notFiller = (): Validator => new NotFiller();

class NotFiller implements Validator {
  private last = -1;
  private row = 0;
  private filled = false;
  /** The only letter or digit so far; -1: none yet, -2: there were different ones. */
  private only = NOTHING;

  push(unit: number): void {
    this.row = unit === this.last ? this.row + 1 : 1;
    this.last = unit;
    if ((this.row >= FILLER_ROW && FILLERS.has(unit)) || (this.row >= DOUBTFUL_ROW && DOUBTFUL.has(unit))) this.filled = true;
    if (isLetterOrDigit(unit) && this.only !== unit) this.only = this.only === NOTHING ? unit : MIXED;
  }

  accepts(): boolean {
    return !this.filled && this.only === MIXED;
  }
}

const isLetterOrDigit = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
