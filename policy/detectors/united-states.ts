/** Checks of numbers of the United States and Canada. */

import { isUniform, luhn, numberAt, valueAt } from "./check-digits.ts";

/** Social security number: no area 000, 666 or 900–999, no group 00, no serial 0000 (SSA, RM 10201.035); nor the ones printed in advertisements. */
export function isSsn(digits: string): boolean {
  const area = numberAt(digits, 0, 3);
  const sane = area > 0 && area !== 666 && area < 900 && numberAt(digits, 3, 2) > 0 && numberAt(digits, 5, 4) > 0;
  return digits.length === 9 && sane && !isUniform(digits) && digits !== "123456789" && digits !== "078051120" && digits !== "219099999";
}

/** Individual taxpayer identification number: 9xx with a group of 50–65, 70–88, 90–92 or 94–99 (IRS). */
export function isItin(digits: string): boolean {
  const group = numberAt(digits, 3, 2);
  const issued = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || group >= 94;
  return digits.length === 9 && digits.startsWith("9") && issued;
}

/** National provider identifier: Luhn with the prefix 80840 (45 CFR 162.406). */
export const isNpi = (digits: string): boolean => digits.length === 10 && luhn(`80840${digits}`) && !isUniform(digits.slice(1));

/** NPI that is no Unix time of the years 2020 to 2029 either. */
export const isLoneNpi = (digits: string): boolean => isNpi(digits) && !/^1[5678]/.test(digits);

/** DEA number: two letters and seven digits; the last is that of d1 + d3 + d5 + 2 (d2 + d4 + d6). */
export function isDea(text: string): boolean {
  const digit = (index: number): number => valueAt(text, index + 1);
  return text.length === 9 && (digit(1) + digit(3) + digit(5) + 2 * (digit(2) + digit(4) + digit(6))) % 10 === digit(7);
}

const ABA_WEIGHTS = [3, 7, 1];

/** ABA routing number: weights 3, 7, 1 (ABA Key to Routing Numbers); the first two digits name a Federal Reserve district. */
export function isAba(digits: string): boolean {
  const district = numberAt(digits, 0, 2);
  const known =
    (district >= 1 && district <= 12) || (district >= 21 && district <= 32) || (district >= 61 && district <= 72) || district === 80;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) sum += valueAt(digits, index) * (ABA_WEIGHTS[index % ABA_WEIGHTS.length] ?? 0);
  return digits.length === 9 && known && sum % 10 === 0;
}

/** Canadian social insurance number: Luhn; no number begins with 0 or 8 except in tests of the first. */
export const isSin = (digits: string): boolean => digits.length === 9 && luhn(digits) && !digits.startsWith("8") && !isUniform(digits);
