/** Checks of German numbers. */

import { isDay, isUniform, mod11by10, numberAt, valueAt, weightedSum } from "./check-digits.ts";

/** Steuer-IdNr: mod 11,10; of the first ten digits exactly one stands there twice or three times (§ 139b AO). */
export function isTaxId(digits: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  const shape = repeated.length === 1 && (repeated[0] ?? 0) <= 3;
  return digits.length === 11 && !digits.startsWith("0") && shape && mod11by10(digits);
}

/** Sum of the digits of products with alternating weights, for the two insurance numbers. */
function crossSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const product = valueAt(digits, index) * (weights[index % weights.length] ?? 0);
    sum += Math.floor(product / 10) + (product % 10);
  }
  return sum;
}

/** A letter as two digits: A is 01. */
const letterDigits = (letter: string): string => String(letter.charCodeAt(0) - 64).padStart(2, "0");

/** Rentenversicherungsnummer: area, birthday, letter, serial, check digit (VKVV § 4). */
export function isPensionNumber(text: string): boolean {
  const digits = `${text.slice(0, 8)}${letterDigits(text.slice(8, 9))}${text.slice(9, 11)}`;
  const day = numberAt(text, 2, 2);
  const born = isDay(numberAt(text, 4, 2), day > 50 ? day - 50 : day);
  return text.length === 12 && born && crossSum(digits, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]) % 10 === valueAt(text, 11);
}

/** Krankenversichertennummer: a letter and nine digits (§ 290 SGB V). */
export function isHealthNumber(text: string): boolean {
  const digits = `${letterDigits(text.slice(0, 1))}${text.slice(1, 9)}`;
  return text.length === 10 && crossSum(digits, [1, 2]) % 10 === valueAt(text, 9);
}

const LANR_WEIGHTS = [4, 9];

/** Lebenslange Arztnummer: six digits, check digit, two of a speciality (KBV guideline on § 75 SGB V). */
export const isDoctorNumber = (digits: string): boolean =>
  digits.length === 9 && (10 - (weightedSum(digits.slice(0, 6), LANR_WEIGHTS) % 10)) % 10 === valueAt(digits, 6) && !isUniform(digits);

const ICAO_WEIGHTS = [7, 3, 1];

/** A document number with its check digit behind it (ICAO 9303-3, 4.9). */
const isIcao = (text: string): boolean => weightedSum(text.slice(0, -1), ICAO_WEIGHTS) % 10 === valueAt(text, text.length - 1);

/** Passport or identity card: eight characters and a check digit; cards of before 2010 begin with T and have none. */
export const isDocument = (text: string): boolean =>
  text.length === 9 && (/^T\d{8}$/.test(text) || (/\d.*\d.*\d/.test(text) && isIcao(text)));

/** VAT identification number: DE and nine digits, mod 11,10. */
export const isGermanVat = (text: string): boolean => text.length === 11 && mod11by10(text.slice(2));
