/** An estimate of how hard an API key is to guess. */

/** Bits below which a key is refused (ARCHITECTURE.md 1.4). */
export const leastKeyBits = 128;

/** Fewer different characters than this are a pattern: 32 random hexadecimal digits have fewer with a probability below one in ten million. */
const leastDistinct = 8;

/** Sizes of the alphabets that keys are drawn from, smallest first. */
const alphabets: readonly (readonly [RegExp, number])[] = [
  [/^[0-9]*$/, 10],
  [/^(?:[0-9a-f-]*|[0-9A-F-]*)$/, 16],
  [/^(?:[0-9a-z]*|[0-9A-Z]*)$/, 36],
  [/^[0-9A-Za-z_+/=-]*$/, 62],
];
const anyPrintable = 94;

/** A provider's mark such as `weir_` or `sk-` says nothing that is hard to guess. */
const mark = /^[a-z]{2,12}[_-]/;

/** The length of the shortest text that the key is a repetition of, by Knuth, Morris and Pratt's failure function. */
const periodOf = (key: string): number => {
  const borders = [0];
  for (let at = 1, border = 0; at < key.length; at++) {
    while (border > 0 && key[at] !== key[border]) border = borders[border - 1] ?? 0;
    if (key[at] === key[border]) border++;
    borders[at] = border;
  }
  return key.length - (borders[key.length - 1] ?? 0);
};

/** Bits of a key if each of its characters was drawn at random from the smallest usual alphabet that has them all; 0 for what is plainly a pattern. */
export const estimateKeyBits = (key: string): number => {
  const body = key.replace(mark, "");
  const size = alphabets.find(([pattern]) => pattern.test(body))?.[1] ?? anyPrintable;
  const drawn = size === 16 ? body.replaceAll("-", "") : body;
  if (drawn === "" || new Set(drawn).size < leastDistinct) return 0;
  return Math.floor(periodOf(drawn) * Math.log2(size));
};
