/** Tells telephone numbers from dates, amounts and versions. */

import type { Validator } from "../masking/detector.ts";
import { isDigit } from "./compact.ts";

/** How the number was written: with a country code, with a leading zero, or known by the words beside it. */
export type Notation = "international" | "national" | "named";

/** Digits of each notation. E.164 allows 15; national numbers of fewer than 9 are too like other numbers. */
const DIGITS: Readonly<Record<Notation, readonly [number, number]>> = { international: [8, 15], national: [9, 12], named: [7, 15] };
/** A date of eight digits with separators: 2026-01-31, 31.01.2026. */
const DATE = /^(?:(?:19|20)\d\d([-/. ])\d{1,2}\1\d{1,2}|\d{1,2}([-/. ])\d{1,2}\2(?:19|20)\d\d)$/;
/** `+12.3456789` is a number, not the United States. */
const DECIMAL = /^\+?\d{1,3}\.\d{4,}$/;
const MAX_UNITS = 40;

/** A validator of telephone numbers in one notation. */
export const phone = (notation: Notation) => (): Validator => new Phone(notation);

class Phone implements Validator {
  private text = "";
  private digits = 0;
  private readonly notation: Notation;

  constructor(notation: Notation) {
    this.notation = notation;
  }

  push(unit: number): void {
    if (isDigit(unit)) this.digits++;
    if (this.text.length <= MAX_UNITS) this.text += String.fromCharCode(unit);
  }

  accepts(): boolean {
    const [least, most] = DIGITS[this.notation];
    return this.digits >= least && this.digits <= most && !DATE.test(this.text) && !DECIMAL.test(this.text);
  }
}
