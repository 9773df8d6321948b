/** The arithmetic of check digits that many numbers share. All functions take digits (and letters where they say so) without separators. */

const ZERO = 48;
const LETTER_BASE = 55; // "A" is 10 in ISO 7064 and in ICAO 9303

/** The value of a digit (0–9) or an upper-case letter (10–35). */
export const valueAt = (text: string, index: number): number => {
  const unit = text.charCodeAt(index);
  return unit < 65 ? unit - ZERO : unit - LETTER_BASE;
};

/** The sum of values times weights; weights begin again when there are fewer of them than characters. */
export function weightedSum(text: string, weights: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum += valueAt(text, index) * (weights[index % weights.length] ?? 0);
  return sum;
}

/** Luhn's formula (ISO/IEC 7812-1, annex B): every second digit from the right is doubled. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, doubled = false; index >= 0; index--, doubled = !doubled) {
    const digit = valueAt(digits, index) * (doubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** The remainder of a decimal number of any length, with letters as two digits (ISO 7064, mod 97-10). */
export function remainder(text: string, modulus: number): number {
  let rest = 0;
  for (let index = 0; index < text.length; index++) {
    const value = valueAt(text, index);
    rest = (rest * (value > 9 ? 100 : 10) + value) % modulus;
  }
  return rest;
}

/** ISO 7064 mod 11,10, whose last digit is the check digit (German tax numbers, the Croatian OIB). */
export function mod11by10(digits: string): boolean {
  let product = 10;
  for (let index = 0; index < digits.length - 1; index++) {
    const sum = (valueAt(digits, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === valueAt(digits, digits.length - 1);
}

// Verhoeff's dihedral group D5 and its permutation (J. Verhoeff, "Error detecting decimal codes", 1969).
const MULTIPLY = [
  "0123456789",
  "1234067895",
  "2340178956",
  "3401289567",
  "4012395678",
  "5987604321",
  "6598710432",
  "7659821043",
  "8765932104",
  "9876543210",
];
const PERMUTE = ["0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"];

/** Verhoeff's check, whose last digit is the check digit. */
export function verhoeff(digits: string): boolean {
  let check = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = valueAt(digits, digits.length - 1 - index);
    check = Number(MULTIPLY[check]?.[Number(PERMUTE[index % PERMUTE.length]?.[digit])]);
  }
  return check === 0;
}

/** Whether a month and a day exist together in some year. */
export const isDay = (month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= (LONG_MONTHS.includes(month) ? 31 : month === 2 ? 29 : 30);

const LONG_MONTHS: readonly number[] = [1, 3, 5, 7, 8, 10, 12];

/** The number that some digits of the text spell. */
export const numberAt = (text: string, start: number, length: number): number => Number(text.slice(start, start + length));

/** Whether all characters are the same: such numbers pass many checks and are nobody's. */
export const isUniform = (text: string): boolean => /^(.)\1*$/.test(text);
