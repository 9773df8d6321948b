/** Checks of numbers of the United Kingdom and Ireland. */

import { isUniform, valueAt, weightedSum } from "./check-digits.ts";

const NHS_WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2];

/** NHS number: mod 11 over nine digits (NHS Data Dictionary, NHS NUMBER). */
export function isNhs(digits: string): boolean {
  const check = 11 - (weightedSum(digits.slice(0, 9), NHS_WEIGHTS) % 11);
  return digits.length === 10 && (check === 11 ? 0 : check) === valueAt(digits, 9) && !isUniform(digits);
}

// Prefixes that HMRC does not issue (NIM39110).
const UNUSED_PREFIXES = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];

/** National insurance number by its prefix. */
export const isNino = (text: string): boolean => text.length === 9 && !UNUSED_PREFIXES.includes(text.slice(0, 2));

const PPS_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV";
const PPS_WEIGHTS = [8, 7, 6, 5, 4, 3, 2];

/** Irish personal public service number: seven digits and a letter, mod 23; a second letter counts nine times. */
export function isPps(text: string): boolean {
  const second = text.length === 9 && text[8] !== "W" ? (text.charCodeAt(8) - 64) * 9 : 0;
  return PPS_LETTERS[(weightedSum(text.slice(0, 7), PPS_WEIGHTS) + second) % 23] === text[7];
}
