/** Text that looks like the bodies of keys, for examples: made, so that no file of this project holds anything a secret scanner would report. */

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const UPPER = LOWER.toUpperCase();

// Numerical Recipes' linear congruential generator: any fixed sequence would do.
const MULTIPLIER = 1664525;
const INCREMENT = 1013904223;
const MODULUS = 2 ** 32;

/** The same characters for the same alphabet and length, always. */
function drawn(alphabet: string, length: number): string {
  let text = "";
  for (let state = length * 7919 + 13; text.length < length; ) {
    state = (state * MULTIPLIER + INCREMENT) % MODULUS;
    text += alphabet[Math.floor((state / MODULUS) * alphabet.length)];
  }
  return text;
}

/** Lower-case hexadecimal. */
export const hex = (length: number): string => drawn(`${DIGITS}abcdef`, length);
/** Letters and digits. */
export const alnum = (length: number): string => drawn(UPPER + DIGITS + LOWER, length);
/** Lower-case letters and digits. */
export const lower = (length: number): string => drawn(DIGITS + LOWER, length);
/** Upper-case letters and the digits of base 32. */
export const upper = (length: number): string => drawn(`234567${UPPER}`, length);
/** Base64url. */
export const url64 = (length: number): string => drawn(`${UPPER}${LOWER}${DIGITS}_-`, length);
/** Base64. */
export const base64 = (length: number): string => drawn(`${UPPER}${LOWER}${DIGITS}+/`, length);
/** Decimal digits that do not begin with zero. */
export const digits = (length: number): string => `7${drawn(DIGITS, length - 1)}`;
/** A UUID. */
export const uuid = (): string => [8, 4, 4, 4, 12].map(hex).join("-");
