/** The reference's detectors in our own form, so that both engines do the same work. */

import type { Detector, Validator } from "../../policy/masking/index.ts";
import type { ReferenceDetector } from "./reference.ts";

/** A detector of ours for one of the reference's. Its validators become ones that are fed character by character. */
export function ours({ name, re, mode, validate }: ReferenceDetector): Detector {
  const validator = validate === undefined ? undefined : VALIDATORS[name];
  if (validate !== undefined && validator === undefined) throw new Error(`no validator for ${name}`);
  return {
    name: name.replaceAll("_", "-"),
    pattern: re.source,
    flags: re.flags,
    ...(mode === undefined ? {} : { match: mode }),
    ...(validator === undefined ? {} : { validator }),
  };
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

/** Luhn's sum, kept for both parities of a length that is not known yet. */
class Luhn implements Validator {
  private count = 0;
  private straight = 0;
  private doubled = 0;

  push(unit: number): void {
    if (!isDigit(unit)) return;
    const digit = unit - 0x30;
    const twice = digit > 4 ? 2 * digit - 9 : 2 * digit;
    const straight = this.doubled + digit;
    this.doubled = this.straight + twice;
    this.straight = straight;
    this.count++;
  }

  accepts(): boolean {
    return this.count >= 13 && this.count <= 19 && this.straight % 10 === 0;
  }
}

/** ISO 13616: mod 97 of the account before the country and check digits, which are added when asked. */
class Iban implements Validator {
  private readonly head: number[] = [];
  private rest = 0;
  private count = 0;

  push(unit: number): void {
    if (unit === 0x20) return;
    const value = isDigit(unit) ? unit - 0x30 : (unit & ~0x20) - 0x37;
    this.count++;
    if (this.head.length < 4) this.head.push(value);
    else this.rest = append(this.rest, value);
  }

  accepts(): boolean {
    return this.count >= 15 && this.head.reduce(append, this.rest) === 1;
  }
}

const append = (rest: number, value: number): number => (rest * (value > 9 ? 100 : 10) + value) % 97;

/** The weights 3, 7, 1 of an ABA routing number. */
class Routing implements Validator {
  private count = 0;
  private sum = 0;

  push(unit: number): void {
    this.sum += ([3, 7, 1][this.count++ % 3] ?? 0) * (unit - 0x30);
  }

  accepts(): boolean {
    return this.sum % 10 === 0;
  }
}

const VALIDATORS: Readonly<Record<string, () => Validator>> = {
  card: () => new Luhn(),
  iban: () => new Iban(),
  routing: () => new Routing(),
};
