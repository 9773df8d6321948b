/** Tells keys from the fillers that documentation puts in their place: `AKIAXXXXXXXXXXXXXXXX`, `ghp_xxxx…`, `hf_****`. */

import type { Validator } from "../masking/detector.ts";

/** Equal filler characters in a row that no drawn key holds: 16 random base-62 characters have such a row once in 10¹⁰ keys. */
const MAX_ROW = 8;
/** Characters that people fill with. Others (`A`, `0`, `Q`) stand in rows inside encoded structures and in published test keys. */
const FILLERS = new Set([..."xX*.#a1_"].map((character) => character.charCodeAt(0)));

/** Refuses candidates with a row of eight equal filler characters. */
export const notFiller = (): Validator => new NotFiller();

class NotFiller implements Validator {
  private last = -1;
  private row = 0;
  private filled = false;

  push(unit: number): void {
    this.row = unit === this.last ? this.row + 1 : 1;
    this.last = unit;
    if (this.row >= MAX_ROW && FILLERS.has(unit)) this.filled = true;
  }

  accepts(): boolean {
    return !this.filled;
  }
}
