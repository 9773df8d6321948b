/** A validator over the letters and digits of a candidate, for checks on short, bounded formats. */

import type { Validator } from "../masking/detector.ts";

/** The longest value checked so: an IBAN has at most 34 characters (ISO 13616), so that a check costs constant work. */
const MAX_UNITS = 40;

/** Says whether a value passes. It gets upper-case letters and digits only: separators are left out. */
export type Check = (compact: string) => boolean;

/** A validator that collects the ASCII letters (as upper case) and digits of the candidate and asks `check` about them. */
export function compact(check: Check): () => Validator {
  return () => new Compact(check);
}

class Compact implements Validator {
  private text = "";
  private readonly check: Check;

  constructor(check: Check) {
    this.check = check;
  }

  push(unit: number): void {
    if (this.text.length > MAX_UNITS) return;
    if (isDigit(unit) || isUpper(unit)) this.text += String.fromCharCode(unit);
    else if (isLower(unit)) this.text += String.fromCharCode(unit - LOWER_TO_UPPER);
  }

  accepts(): boolean {
    return this.text.length <= MAX_UNITS && this.check(this.text);
  }
}

const LOWER_TO_UPPER = 32;

/** Whether the code unit is `0`–`9`. */
export const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
/** Whether the code unit is `A`–`Z`. */
const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
/** Whether the code unit is `a`–`z`. */
const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
