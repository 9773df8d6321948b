/**
 * The normalised view of a whole text, for prompt and keyword rules (rule 11 of the law of masking): what looks alike reads alike.
 *
 * NFKC (Unicode Standard Annex 15), code points that are ignorable by default left out (DerivedCoreProperties.txt), look-alikes of Latin letters folded
 * (normalise-confusables.ts), and every run of white space one space. It is a guard rail, not a boundary.
 */

import { latinLookAlikes } from "./normalise-confusables.ts";

/** A normalised text, and the way back. */
export interface Normalised {
  readonly text: string;
  /** Source range of a range of the normalised text: UTF-16 offsets, end exclusive. */
  source(start: number, end: number): { readonly start: number; readonly end: number };
}

/** Text that every step leaves as it is: printable ASCII with single spaces. */
const untouched = /^[!-~]*(?: [!-~]+)*$/u;
/** What is normalised together: a run of ASCII, which stays as it is, a character with its combining marks, or a run of Hangul jamo, which compose. */
const cluster = /[!-~]+(?!\p{M})|[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|\P{M}\p{M}*|\p{M}+/gsu;
const plain = /^[ -~]+$/;
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const whiteSpace = /^\s+$/u;
const lookAlike = /[^\p{ASCII}]/gu;

/** Normalises a text. White space at its ends becomes one space, too. */
export const normalise = (text: string): Normalised => {
  if (untouched.test(text)) return { text, source: (start, end) => ({ start, end }) };
  const folding = new Folding();
  for (const found of text.matchAll(cluster)) {
    if (found[0] !== " " && plain.test(found[0])) folding.keep(found[0], found.index);
    else folding.add(found[0], found.index);
  }
  return folding.result();
};

class Folding {
  #text = "";
  /** By unit of the normalised text: where its source begins, and ends. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** A run of which every unit stays itself. */
  keep(source: string, start: number): void {
    this.#text += source;
    for (let unit = start; unit < start + source.length; unit++) {
      this.#starts.push(unit);
      this.#ends.push(unit + 1);
    }
  }

  add(source: string, start: number): void {
    const end = start + source.length;
    const folded = fold(source);
    const space = folded !== "" && whiteSpace.test(folded);
    if (space && this.#text.endsWith(" ")) {
      this.#ends[this.#ends.length - 1] = end;
      return;
    }
    const added = space ? " " : folded;
    this.#text += added;
    for (let unit = 0; unit < added.length; unit++) {
      this.#starts.push(start);
      this.#ends.push(end);
    }
  }

  result(): Normalised {
    const [starts, ends] = [this.#starts, this.#ends];
    return {
      text: this.#text,
      source: (start, end) => {
        const from = starts[start] ?? ends.at(-1) ?? 0;
        return { start: from, end: end > start ? (ends[end - 1] ?? from) : from };
      },
    };
  }
}

const fold = (source: string): string => {
  if (source === " ") return source;
  const kept = source.normalize("NFKC").replaceAll(ignorable, "");
  return kept.replaceAll(lookAlike, (character) => latinLookAlikes.get(character) ?? character);
};
