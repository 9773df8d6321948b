/** Tells the numbers of documents from years and amounts that words follow. */

import type { Validator } from "../masking/detector.ts";
import { isDigit } from "./compact.ts";

/** Documents number their holders by the hundred thousand: shorter numbers are years, amounts and pages. */
const FEWEST_DIGITS = 5;
/** A prefix, a suffix or a state in between is as long as this; longer rows of letters are words. */
const MOST_LETTERS = 3;

/** Refuses candidates that hold a word, and those with fewer digits than letters. */
export const documentNumber = (): Validator => new DocumentNumber();

class DocumentNumber implements Validator {
  private digits = 0;
  private letters = 0;
  private row = 0;
  private word = false;

  push(unit: number): void {
    const letter = (unit | LOWER) >= 97 && (unit | LOWER) <= 122;
    this.row = letter ? this.row + 1 : 0;
    if (this.row > MOST_LETTERS) this.word = true;
    if (letter) this.letters++;
    if (isDigit(unit)) this.digits++;
  }

  accepts(): boolean {
    return !this.word && this.digits >= FEWEST_DIGITS && this.digits > this.letters;
  }
}

/** The bit that makes an ASCII letter a small one. */
const LOWER = 32;
