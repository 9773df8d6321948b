/** Payment cards: Luhn's formula within the ranges that card issuers use (ISO/IEC 7812). */

import type { Validator } from "../masking/detector.ts";
import { luhn } from "./check-digits.ts";
import { compact } from "./compact.ts";

interface Range {
  readonly first: number;
  readonly last: number;
  readonly lengths: readonly number[];
}

const DIGITS_OF_RANGE = 4;
const RANGES: readonly Range[] = [
  { first: 1220, last: 1229, lengths: [15] }, // UATP, 1…; only the block that networks document for tests
  { first: 1800, last: 1800, lengths: [15] }, // JCB, old
  { first: 2131, last: 2131, lengths: [15] }, // JCB, old
  { first: 2014, last: 2149, lengths: [15] }, // enRoute
  { first: 2200, last: 2204, lengths: [16, 17, 18, 19] }, // Mir
  { first: 2221, last: 2720, lengths: [16] }, // Mastercard
  { first: 3000, last: 3059, lengths: [14, 16, 19] }, // Diners Club
  { first: 3095, last: 3095, lengths: [14, 16, 19] },
  { first: 3400, last: 3499, lengths: [15] }, // American Express
  { first: 3528, last: 3589, lengths: [16, 17, 18, 19] }, // JCB
  { first: 3600, last: 3699, lengths: [14, 16, 19] }, // Diners Club
  { first: 3700, last: 3799, lengths: [15] }, // American Express
  { first: 3800, last: 3999, lengths: [14, 16, 19] }, // Diners Club
  { first: 4000, last: 4999, lengths: [13, 16, 18, 19] }, // Visa
  { first: 5000, last: 5099, lengths: [12, 13, 16, 17, 18, 19] }, // Maestro
  { first: 5100, last: 5599, lengths: [16] }, // Mastercard
  { first: 5600, last: 5899, lengths: [12, 13, 16, 17, 18, 19] }, // Maestro
  { first: 6000, last: 6999, lengths: [12, 13, 16, 17, 18, 19] }, // Discover, Maestro, UnionPay, RuPay, Elo
  { first: 8100, last: 8171, lengths: [16, 17, 18, 19] }, // UnionPay
  { first: 9792, last: 9792, lengths: [16] }, // Troy
];

/** Whether the digits are a card number of a known issuer. */
function isCard(digits: string): boolean {
  const head = Number(digits.slice(0, DIGITS_OF_RANGE));
  const known = RANGES.some(({ first, last, lengths }) => head >= first && head <= last && lengths.includes(digits.length));
  return known && luhn(digits) && !/^(\d)\1+$/.test(digits);
}

/** Validates card numbers with any separators. */
export const card: () => Validator = compact(isCard);
