/** Every way to cut a text that laws about chunks need. */

import fc from "fast-check";

/** A text in pieces, cut at these offsets (taken modulo its length). */
export const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
};

/** A text in pieces of one length. */
export const piecesOf = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, index) => text.slice(index * length, (index + 1) * length));

/** Offsets for {@link cutAt}. */
export const someCuts: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 4000 }), { maxLength: 12 });
