/**
 * The folded view: what a reader does not see is left out, and what looks like an ASCII character because it is a width or a style of it becomes it.
 *
 * Left out: the code points of Unicode 16 DerivedCoreProperties.txt `Default_Ignorable_Code_Point` that text uses (soft hyphen, joiners, zero-width
 * spaces, direction marks, variation selectors, tags). Folded: full-width forms (U+FF01–FF5E, by UnicodeData.txt's `<wide>` mappings), spaces
 * (general category Zs), the dashes that stand in numbers, and decimal digits of other scripts (general category Nd) that models write.
 */

/** Nothing stands for this unit. */
export const leftOut = -1;

/** First digits of decimal systems: Arabic-Indic, extended Arabic-Indic, Devanagari, Bengali, Thai. */
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50];
const space = 0x20;
const hyphen = 0x2d;
const digitZero = 0x30;
const wideStart = 0xff01;
const wideEnd = 0xff5e;
/** From a full-width form to ASCII. */
const wideShift = 0xfee0;

const folds: ReadonlyMap<number, number> = foldTable();

function foldTable(): Map<number, number> {
  const table = new Map<number, number>();
  const put = (from: number, to: number, value: (unit: number) => number): void => {
    for (let unit = from; unit <= to; unit++) table.set(unit, value(unit));
  };
  for (const [from, to] of [
    [0xad, 0xad],
    [0x34f, 0x34f],
    [0x61c, 0x61c],
    [0x115f, 0x1160],
    [0x17b4, 0x17b5],
    [0x180b, 0x180f],
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x206f],
    [0x3164, 0x3164],
    [0xfe00, 0xfe0f],
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
  ] as const)
    put(from, to, () => leftOut);
  for (const [from, to] of [
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
  ] as const)
    put(from, to, () => space);
  for (const [from, to] of [
    [0x2010, 0x2013],
    [0x2212, 0x2212],
    [0xfe58, 0xfe58],
    [0xfe63, 0xfe63],
  ] as const)
    put(from, to, () => hyphen);
  for (const zero of zeros) put(zero, zero + 9, (unit) => unit - zero + digitZero);
  put(wideStart, wideEnd, (unit) => unit - wideShift);
  return table;
}

/** What stands for a code unit in the folded view: a unit, {@link leftOut}, or the unit itself. Ranges beyond the BMP: {@link foldPair}. */
export const foldUnit = (unit: number): number => folds.get(unit) ?? unit;

/** High surrogates of the tags (U+E0000–E0FFF, with the further variation selectors) and of the mathematical digits (U+1D7CE–1D7FF). */
const tagsHigh = 0xdb40;
const mathHigh = 0xd835;
const mathDigitsLow = 0xdfce;

/** Whether a pair that begins with this unit may fold: see {@link foldPair}. */
export const foldsInPairs = (unit: number): boolean => unit === tagsHigh || unit === mathHigh;

/** What stands for a surrogate pair: one unit, {@link leftOut}, or undefined: the pair itself. */
export const foldPair = (high: number, low: number): number | undefined => {
  if (high === tagsHigh) return leftOut;
  return high === mathHigh && low >= mathDigitsLow ? digitZero + ((low - mathDigitsLow) % 10) : undefined;
};

/** The units that the view may change, or that begin pairs which it may. */
export const foldableUnits: readonly number[] = [...folds.keys(), tagsHigh, mathHigh];

/** Code units as the inside of a character class. */
export const unitClass = (units: readonly number[]): string => units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");

/** {@link foldableUnits} as the inside of a character class. */
export const foldableClass: string = unitClass(foldableUnits);
