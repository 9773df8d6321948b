/** Checks of numbers of Poland, the Netherlands, Belgium, Switzerland, Austria and their eastern neighbours. */

import { isDay, isUniform, mod11by10, numberAt, remainder, valueAt, weightedSum } from "./check-digits.ts";

const PESEL_WEIGHTS = [1, 3, 7, 9];

/** Polish PESEL: birthday (the century is added to the month) and weights 1, 3, 7, 9. */
export function isPesel(digits: string): boolean {
  const born = isDay(numberAt(digits, 2, 2) % 20, numberAt(digits, 4, 2));
  return digits.length === 11 && born && (10 - (weightedSum(digits.slice(0, 10), PESEL_WEIGHTS) % 10)) % 10 === valueAt(digits, 10);
}

const BSN_WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];

/** Dutch burgerservicenummer: the eleven test with −1 for the last digit. */
export const isBsn = (digits: string): boolean => digits.length === 9 && weightedSum(digits, BSN_WEIGHTS) % 11 === 0 && !isUniform(digits);

/** Belgian national number: birthday, and 97 less the remainder (with 2 before the digits for those born since 2000). */
export function isRijksregister(digits: string): boolean {
  const base = digits.slice(0, 9);
  const check = numberAt(digits, 9, 2);
  const born = isDay(numberAt(digits, 2, 2) % 20, numberAt(digits, 4, 2));
  return digits.length === 11 && born && (97 - remainder(base, 97) === check || 97 - remainder(`2${base}`, 97) === check);
}

/** Swiss AHV number: 756 and the check digit of EAN-13. */
export const isAhv = (digits: string): boolean =>
  digits.length === 13 && digits.startsWith("756") && weightedSum(digits, [1, 3]) % 10 === 0;

const SVNR_WEIGHTS = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];

/** Austrian social insurance number: the fourth digit is the weighted sum mod 11, the last six a birthday. */
export const isSvnr = (digits: string): boolean =>
  digits.length === 10 &&
  weightedSum(digits, SVNR_WEIGHTS) % 11 === valueAt(digits, 3) &&
  isDay(numberAt(digits, 6, 2), numberAt(digits, 4, 2));

/** Czech and Slovak rodné číslo of ten digits: divisible by 11, with a birthday whose month may have 20, 50 or 70 added. */
export const isRodneCislo = (digits: string): boolean => {
  const month = numberAt(digits, 2, 2) % 50;
  return digits.length === 10 && remainder(digits, 11) === 0 && isDay(month > 20 ? month - 20 : month, numberAt(digits, 4, 2));
};

const CNP_WEIGHTS = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

/** Romanian CNP: sex, birthday, county, mod 11. */
export function isCnp(digits: string): boolean {
  const rest = weightedSum(digits.slice(0, 12), CNP_WEIGHTS) % 11;
  return digits.length === 13 && isDay(numberAt(digits, 3, 2), numberAt(digits, 5, 2)) && (rest === 10 ? 1 : rest) === valueAt(digits, 12);
}

const EGN_WEIGHTS = [2, 4, 8, 5, 10, 9, 7, 3, 6];

/** Bulgarian EGN: birthday (months of other centuries add 20 or 40) and mod 11. */
export const isEgn = (digits: string): boolean =>
  digits.length === 10 &&
  isDay(numberAt(digits, 2, 2) % 20, numberAt(digits, 4, 2)) &&
  (weightedSum(digits.slice(0, 9), EGN_WEIGHTS) % 11) % 10 === valueAt(digits, 9);

/** Croatian OIB: mod 11,10. */
export const isOib = (digits: string): boolean => digits.length === 11 && mod11by10(digits) && !isUniform(digits);

const EMSO_WEIGHTS = [7, 6, 5, 4, 3, 2];

/** EMŠO and JMBG of the successors of Yugoslavia: birthday and mod 11. */
export function isEmso(digits: string): boolean {
  const check = 11 - (weightedSum(digits.slice(0, 12), EMSO_WEIGHTS) % 11);
  return digits.length === 13 && isDay(numberAt(digits, 2, 2), numberAt(digits, 0, 2)) && (check > 9 ? 0 : check) === valueAt(digits, 12);
}
