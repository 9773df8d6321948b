/** Checks of Asian numbers. */

import { isDay, isUniform, numberAt, valueAt, verhoeff, weightedSum } from "./check-digits.ts";

/** Aadhaar: twelve digits, the first 2–9, Verhoeff, and no palindrome (UIDAI). */
export const isAadhaar = (digits: string): boolean =>
  digits.length === 12 && /^[2-9]/.test(digits) && verhoeff(digits) && [...digits].reverse().join("") !== digits;

/** Korean resident registration number: birthday, sex and century, mod 11. Numbers given out since October 2020 have no check digit, so it does not gate. */
export const isRrn = (digits: string): boolean => digits.length === 13 && isDay(numberAt(digits, 2, 2), numberAt(digits, 4, 2));

const BRN_WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3];

/** Korean business registration number. */
export function isBrn(digits: string): boolean {
  const ninth = valueAt(digits, 8) * 5;
  const sum = weightedSum(digits.slice(0, 8), BRN_WEIGHTS) + Math.floor(ninth / 10) + (ninth % 10);
  return digits.length === 10 && (10 - (sum % 10)) % 10 === valueAt(digits, 9);
}

const TNIN_WEIGHTS = [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
// Codes of Thai provinces (ISO 3166-2:TH), second and third digit of the number.
const isProvince = (code: number): boolean =>
  (code >= 10 && code <= 27) ||
  (code >= 30 && code <= 49) ||
  (code >= 50 && code <= 58) ||
  (code >= 60 && code <= 67) ||
  (code >= 70 && code <= 77) ||
  (code >= 80 && code <= 86) ||
  (code >= 90 && code <= 96);

/** Thai identity number: mod 11 with weights 13 to 2. */
export const isThai = (digits: string): boolean =>
  digits.length === 13 &&
  isProvince(numberAt(digits, 1, 2)) &&
  (11 - (weightedSum(digits.slice(0, 12), TNIN_WEIGHTS) % 11)) % 10 === valueAt(digits, 12);

/** Turkish TCKN: two check digits (Nüfus ve Vatandaşlık İşleri). */
export function isTckn(digits: string): boolean {
  const at = (index: number): number => valueAt(digits, index);
  const odd = at(0) + at(2) + at(4) + at(6) + at(8);
  const even = at(1) + at(3) + at(5) + at(7);
  return digits.length === 11 && at(0) > 0 && (((odd * 7 - even) % 10) + 10) % 10 === at(9) && (odd + even + at(9)) % 10 === at(10);
}

const CHINA_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHINA_CHECKS = "10X98765432";

/** Chinese resident identity number: region, birthday, serial, ISO 7064 mod 11-2 (GB 11643-1999). */
export const isChinese = (text: string): boolean =>
  text.length === 18 &&
  /^[1-8]\d{5}(?:19|20)/.test(text) &&
  isDay(numberAt(text, 10, 2), numberAt(text, 12, 2)) &&
  CHINA_CHECKS[weightedSum(text.slice(0, 17), CHINA_WEIGHTS) % 11] === text[17];

const NRIC_WEIGHTS = [2, 7, 6, 5, 4, 3, 2];
const NRIC_LETTERS: Readonly<Record<string, string>> = {
  S: "JZIHGFEDCBA",
  T: "GFEDCBAJZIH",
  F: "XWUTRQPNMLK",
  G: "RQPNMLKXWUT",
  M: "KLJNPQRTUWX",
};
const NRIC_OFFSETS: Readonly<Record<string, number>> = { M: 3 };

/** Singapore NRIC or FIN: a letter by the weighted sum mod 11; numbers of the M series count down. */
export function isNric(text: string): boolean {
  const series = text.slice(0, 1);
  const rest = (weightedSum(text.slice(1, 8), NRIC_WEIGHTS) + (NRIC_OFFSETS[series] ?? 0)) % 11;
  const letters = NRIC_LETTERS[series] ?? "";
  return text.length === 9 && letters[series === "M" ? 10 - rest : rest] === text[8];
}

const TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO";

/** Taiwanese identity number. */
export function isTaiwanese(text: string): boolean {
  const letter = TAIWAN_LETTERS.indexOf(text.slice(0, 1)) + 10;
  return (
    text.length === 10 && (Math.floor(letter / 10) + (letter % 10) * 9 + weightedSum(text.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 === 0
  );
}

/** Hong Kong identity card: one or two letters, six digits and a check character, mod 11. */
export function isHongKong(text: string): boolean {
  const padded = text.padStart(9, " ");
  let sum = 0;
  for (let index = 0; index < 9; index++) {
    const value = padded[index] === " " ? 36 : index === 8 && padded[8] === "A" ? 10 : valueAt(padded, index);
    sum += value * (9 - index);
  }
  return sum % 11 === 0;
}

const IRAN_WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2];

/** Iranian national code: mod 11 over nine digits. */
export function isIranian(digits: string): boolean {
  const rest = weightedSum(digits.slice(0, 9), IRAN_WEIGHTS) % 11;
  return digits.length === 10 && (rest < 2 ? rest : 11 - rest) === valueAt(digits, 9) && !isUniform(digits);
}

/** Malaysian identity card: birthday and a place of birth. */
export const isMalaysian = (digits: string): boolean =>
  digits.length === 12 && isDay(numberAt(digits, 2, 2), numberAt(digits, 4, 2)) && numberAt(digits, 6, 2) > 0;

/** Indonesian NIK: province, regency, district, birthday (women add 40 to the day). */
export const isNik = (digits: string): boolean =>
  digits.length === 16 &&
  isDay(numberAt(digits, 8, 2), numberAt(digits, 6, 2) % 40) &&
  numberAt(digits, 0, 2) >= 11 &&
  numberAt(digits, 0, 2) <= 94;

const MY_NUMBER_WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** Japanese My Number. */
export function isMyNumber(digits: string): boolean {
  const rest = weightedSum(digits.slice(0, 11), MY_NUMBER_WEIGHTS) % 11;
  return digits.length === 12 && (rest <= 1 ? 0 : 11 - rest) === valueAt(digits, 11);
}

const BUSINESS_WEIGHTS = [10, 4, 9, 3, 8, 2, 7, 1];
const COMPANY_WEIGHTS = [10, 8, 6, 4, 9, 7, 5, 3, 1];
const ENTITY_WEIGHTS = [4, 3, 5, 3, 10, 2, 2, 5, 7];
const ENTITY_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
/** Taken from the sum of other entities before the remainder. */
const ENTITY_OFFSET = 5;

/** Singaporean UEN: the last letter is named by a weighted sum mod 11, with weights and letters for businesses, companies and other entities (ACRA). */
export function isUen(text: string): boolean {
  if (text.length === 9) return "XMKECAWLJDB"[weightedSum(text.slice(0, 8), BUSINESS_WEIGHTS) % 11] === text[8];
  if (/^\d/.test(text)) return "ZKCMDNERGWH"[weightedSum(text.slice(0, 9), COMPANY_WEIGHTS) % 11] === text[9];
  const sum = ENTITY_WEIGHTS.reduce((total, weight, index) => total + weight * ENTITY_CHARACTERS.indexOf(text.charAt(index)), 0);
  return ENTITY_CHARACTERS[(sum - ENTITY_OFFSET) % 11] === text[9];
}
