/** Checks of numbers of Spain, Italy, France, Portugal and Greece. */

import { isDay, isUniform, luhn, numberAt, remainder, valueAt, weightedSum } from "./check-digits.ts";

const DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";

/** DNI or NIE: the remainder by 23 names the letter; X, Y, Z stand for 0, 1, 2 (Orden INT/2058/2008). */
export function isDni(text: string): boolean {
  const first = "XYZ".indexOf(text.slice(0, 1));
  const digits = first < 0 ? text.slice(0, -1) : `${first}${text.slice(1, -1)}`;
  return DNI_LETTERS[Number(digits) % 23] === text.slice(-1);
}

/** Partita IVA: eleven digits, Luhn. */
export const isPartitaIva = (digits: string): boolean => digits.length === 11 && luhn(digits) && !digits.startsWith("0000000");

/** NIR: the key is 97 less the remainder; Corsica's 2A and 2B count as 19 and 18 (INSEE). */
export function isNir(text: string): boolean {
  const digits = text.slice(0, 13).replace("2A", "19").replace("2B", "18");
  const month = numberAt(digits, 3, 2);
  return text.length === 15 && (month <= 12 || month >= 20) && 97 - remainder(digits, 97) === numberAt(text, 13, 2);
}

const NIF_WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2];

/** Portuguese NIF: mod 11 over eight digits. */
export function isNif(digits: string): boolean {
  const check = 11 - (weightedSum(digits.slice(0, 8), NIF_WEIGHTS) % 11);
  return digits.length === 9 && (check > 9 ? 0 : check) === valueAt(digits, 8);
}

/** Greek AMKA: birthday and Luhn. */
export const isAmka = (digits: string): boolean =>
  digits.length === 11 && isDay(numberAt(digits, 2, 2), numberAt(digits, 0, 2)) && luhn(digits) && !isUniform(digits);
