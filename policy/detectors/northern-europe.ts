/** Checks of numbers of Sweden, Finland, Norway, Denmark and the Baltic states. */

import { isDay, luhn, numberAt, valueAt, weightedSum } from "./check-digits.ts";

/** Swedish personnummer, ten or twelve digits: birthday (co-ordination numbers add 60 to the day) and Luhn over the last ten. */
export function isPersonnummer(digits: string): boolean {
  const ten = digits.slice(-10);
  const day = numberAt(ten, 4, 2);
  const century = digits.length === 10 || /^(?:18|19|20)/.test(digits);
  return (digits.length === 10 || digits.length === 12) && century && isDay(numberAt(ten, 2, 2), day > 60 ? day - 60 : day) && luhn(ten);
}

/** Swedish organisation number: the third digit is 2 or more, Luhn. */
export const isOrganisationsnummer = (digits: string): boolean => digits.length === 10 && valueAt(digits, 2) >= 2 && luhn(digits);

const HETU_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY";

/** Finnish henkilötunnus without its sign of the century: birthday, serial, a character of the remainder by 31 (DVV). */
export const isHetu = (text: string): boolean => {
  const serial = text.slice(-4, -1);
  return (
    isDay(numberAt(text, 2, 2), numberAt(text, 0, 2)) &&
    Number(serial) >= 2 &&
    HETU_CHARACTERS[Number(`${text.slice(0, 6)}${serial}`) % 31] === text.slice(-1)
  );
};

const FIRST_WEIGHTS = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND_WEIGHTS = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/** Norwegian fødselsnummer: birthday (D numbers add 40 to the day, H numbers to the month) and two check digits. */
export function isFodselsnummer(digits: string): boolean {
  const day = numberAt(digits, 0, 2) % 40;
  const month = numberAt(digits, 2, 2) % 40;
  const checks = weightedSum(digits.slice(0, 10), FIRST_WEIGHTS) % 11 === 0 && weightedSum(digits, SECOND_WEIGHTS) % 11 === 0;
  return digits.length === 11 && isDay(month, day) && checks;
}

/** Danish CPR number by its birthday: numbers since 2007 have no check digit. */
export const isCpr = (digits: string): boolean => digits.length === 10 && isDay(numberAt(digits, 2, 2), numberAt(digits, 0, 2));

/** Estonian isikukood and Lithuanian asmens kodas: birthday, and mod 11 in two rounds. */
export function isBaltic(digits: string): boolean {
  const round = (weights: readonly number[]): number => weightedSum(digits.slice(0, 10), weights) % 11;
  const first = round([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
  const second = round([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]);
  const check = first < 10 ? first : second < 10 ? second : 0;
  return (
    digits.length === 11 && /^[1-6]/.test(digits) && isDay(numberAt(digits, 3, 2), numberAt(digits, 5, 2)) && check === valueAt(digits, 10)
  );
}
