/** Checks of numbers of Australia, Brazil, South Africa, Nigeria, Mexico, Argentina, Chile, Israel and Russia. */

import { isDay, isUniform, luhn, numberAt, remainder, valueAt, verhoeff, weightedSum } from "./check-digits.ts";

const TFN_WEIGHTS = [1, 4, 3, 7, 5, 8, 6, 9, 10];

/** Australian tax file number: mod 11. */
export const isTfn = (digits: string): boolean => digits.length === 9 && weightedSum(digits, TFN_WEIGHTS) % 11 === 0 && !isUniform(digits);

const ABN_WEIGHTS = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];

/** Australian business number: the first digit less one, mod 89. */
export const isAbn = (digits: string): boolean =>
  digits.length === 11 && weightedSum(`${valueAt(digits, 0) - 1}${digits.slice(1)}`, ABN_WEIGHTS) % 89 === 0 && !digits.startsWith("0");

const ACN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 1];

/** Australian company number: mod 10. */
export const isAcn = (digits: string): boolean =>
  digits.length === 9 && (10 - (weightedSum(digits.slice(0, 8), ACN_WEIGHTS) % 10)) % 10 === valueAt(digits, 8);

const MEDICARE_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9];

/** Australian Medicare card: begins with 2–6, mod 10 at the ninth digit. */
export const isMedicare = (digits: string): boolean =>
  /^[2-6]\d{9,10}$/.test(digits) && weightedSum(digits.slice(0, 8), MEDICARE_WEIGHTS) % 10 === valueAt(digits, 8);

/** A check digit of Brazil's registers: weights 2 and upwards from the right, begun again after `most`. */
function brazilDigit(text: string, most: number): number {
  let sum = 0;
  for (let index = text.length - 1, weight = 2; index >= 0; index--, weight = weight === most ? 2 : weight + 1)
    sum += (text.charCodeAt(index) - 48) * weight;
  return sum % 11 < 2 ? 0 : 11 - (sum % 11);
}

const CPF_MOST = 11;
const CNPJ_MOST = 9;

/** CPF: two check digits (Receita Federal). */
export const isCpf = (digits: string): boolean =>
  digits.length === 11 &&
  !isUniform(digits) &&
  `${brazilDigit(digits.slice(0, 9), CPF_MOST)}${brazilDigit(digits.slice(0, 10), CPF_MOST)}` === digits.slice(9);

/** CNPJ, with letters since July 2026 (IN RFB 2.229/2024): two check digits. */
export const isCnpj = (text: string): boolean =>
  text.length === 14 &&
  !isUniform(text) &&
  `${brazilDigit(text.slice(0, 12), CNPJ_MOST)}${brazilDigit(text.slice(0, 13), CNPJ_MOST)}` === text.slice(12);

/** South African identity number: birthday, citizenship 0–2, Luhn. */
export const isSouthAfrican = (digits: string): boolean =>
  digits.length === 13 && isDay(numberAt(digits, 2, 2), numberAt(digits, 4, 2)) && valueAt(digits, 10) <= 2 && luhn(digits);

/** Nigerian NIN: Verhoeff. */
export const isNin = (digits: string): boolean => digits.length === 11 && verhoeff(digits) && !isUniform(digits);

const CUIT_WEIGHTS = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** Argentinian CUIT or CUIL: mod 11. */
export const isCuit = (digits: string): boolean =>
  digits.length === 11 && (11 - (weightedSum(digits.slice(0, 10), CUIT_WEIGHTS) % 11)) % 11 === valueAt(digits, 10);

/** Chilean RUT: mod 11, where 10 is K. */
export function isRut(text: string): boolean {
  let sum = 0;
  for (let index = text.length - 2, weight = 2; index >= 0; index--, weight = weight === 7 ? 2 : weight + 1)
    sum += valueAt(text, index) * weight;
  return "0K987654321"[sum % 11] === text.slice(-1);
}

/** Israeli identity number: nine digits, Luhn from the left. */
export const isIsraeli = (digits: string): boolean => digits.length === 9 && luhn(digits) && !isUniform(digits);

/** Russian SNILS: weights 9 to 1, mod 101, mod 100. */
export function isSnils(digits: string): boolean {
  const check = (weightedSum(digits.slice(0, 9), [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100;
  return digits.length === 11 && check === numberAt(digits, 9, 2) && remainder(digits, 1000) > 0;
}
