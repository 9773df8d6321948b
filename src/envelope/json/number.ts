/** The grammar of numbers (RFC 8259 section 6) as a machine over code units, for numbers that arrive in pieces. */

const afterMinus = 1;
const afterZero = 2;
const inInteger = 3;
const afterDot = 4;
const inFraction = 5;
const afterE = 6;
const afterSign = 7;
const inExponent = 8;

/** The state after a number's first code unit; 0 where none begins so. */
export const startNumber = (unit: number): number => (unit === 0x2d ? afterMinus : unit === 0x30 ? afterZero : digit(unit) ? inInteger : 0);

/** The state after one more code unit; 0 where the number cannot go on so. */
export const stepNumber = (state: number, unit: number): number => {
  switch (state) {
    case afterMinus:
      return unit === 0x30 ? afterZero : digit(unit) ? inInteger : 0;
    case afterZero:
      return fractionOrExponent(unit);
    case inInteger:
      return digit(unit) ? inInteger : fractionOrExponent(unit);
    case afterDot:
      return digit(unit) ? inFraction : 0;
    case inFraction:
      return digit(unit) ? inFraction : exponent(unit);
    case afterE:
      return unit === 0x2b || unit === 0x2d ? afterSign : digit(unit) ? inExponent : 0;
    default: // afterSign, inExponent
      return digit(unit) ? inExponent : 0;
  }
};

/** Whether a number may end in this state. */
export const endsNumber = (state: number): boolean =>
  state === afterZero || state === inInteger || state === inFraction || state === inExponent;

const digit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
const exponent = (unit: number): number => ((unit | 0x20) === 0x65 ? afterE : 0);
const fractionOrExponent = (unit: number): number => (unit === 0x2e ? afterDot : exponent(unit));
