/** A text as its words, one after the other: what topics are looked for in. One pass, and no memory of what was. */

/** One word of a text, and how it stands to the one before. */
export interface Word {
  /** Lower case, without accents, and cut where no word of ours is as long. */
  readonly text: string;
  /** Nothing but what joins the words of a term lies between it and the word before. */
  readonly joined: boolean;
  /** A sentence ended before it. */
  readonly begins: boolean;
}

/** Longer than the longest word of any topic; what follows makes no difference to whether it is one. */
const longestWord = 40;

const run = /[\p{L}\p{N}\p{M}]+/gu;
const joint = /^[\s_\-'’]{1,4}$/u;
const sentenceEnd = /[.!?]\s|\n\s*\n/u;
const ascii = /^[\0-\x7f]*$/;
const mark = /\p{M}/gu;

/** Lower case, without accents: many write without them. */
export const folded = (word: string): string => {
  const lower = word.toLowerCase();
  return ascii.test(lower) ? lower : lower.normalize("NFD").replaceAll(mark, "");
};

/** The longest run between two words that is looked at: beyond it, words stand far from each other. */
const longestGap = 16;

/** The words of a text. */
export function* wordsOf(text: string): Generator<Word> {
  let end = 0;
  for (const found of text.matchAll(run)) {
    const between = text.slice(Math.max(end, found.index - longestGap), found.index);
    end = found.index + found[0].length;
    yield { text: folded(found[0].slice(0, longestWord)), joined: joint.test(between), begins: sentenceEnd.test(between) };
  }
}
