/** The words of several topics, looked up as a text is read. */

import type { TopicWord } from "./topic.ts";
import { folded, wordsOf } from "./words.ts";

/** How one word of a term must look. */
interface Part {
  readonly text: string;
  readonly before: boolean;
  readonly after: boolean;
}

/** A term, and what it stands for to whoever asked. */
interface Term<Meaning> {
  readonly last: Part;
  /** The words before the last one, the nearest first. */
  readonly before: readonly Part[];
  readonly meaning: Meaning;
}

const partOf = (part: string): Part => {
  const [before, after] = [part.startsWith("*"), part.endsWith("*")];
  return { text: part.slice(before ? 1 : 0, after ? -1 : undefined), before, after };
};

/** The parts of a term, as words are read. */
const partsOf = (word: TopicWord): readonly Part[] =>
  folded(word)
    .split(/[\s_\-'’]+/u)
    .map(partOf);

const fits = ({ text, before, after }: Part, word: string | undefined): boolean => {
  if (word === undefined) return false;
  if (before) return after ? word.includes(text) : word.endsWith(text);
  return after ? word.startsWith(text) : word === text;
};

/** Words of the longest term. */
const mostParts = 6;
/** Letters that every beginning of a word has at least; by these it is looked up. */
const stem = 3;

const none: readonly never[] = [];

export class Lexicon<Meaning> {
  readonly #exact = new Map<string, Term<Meaning>[]>();
  /** Terms whose last word may go on, by its first letters. */
  readonly #beginnings = new Map<string, Term<Meaning>[]>();
  /** Terms whose last word may begin with anything: a handful. */
  readonly #open: Term<Meaning>[] = [];

  add(word: TopicWord, meaning: Meaning): void {
    const [last, ...before] = partsOf(word).toReversed();
    if (last === undefined) return;
    const term = { last, before, meaning };
    if (last.before) this.#open.push(term);
    else if (last.after) listIn(this.#beginnings, last.text.slice(0, stem)).push(term);
    else listIn(this.#exact, last.text).push(term);
  }

  /** Every term of a text as it is read: what it stands for, which word of the text it ends at, and the sentence that it is in. */
  *find(text: string): Generator<{ readonly meaning: Meaning; readonly at: number; readonly sentence: number }> {
    const row: string[] = [];
    let at = 0;
    let sentence = 0;
    for (const word of wordsOf(text)) {
      if (word.begins) sentence++;
      if (!word.joined) row.length = 0;
      if (row.unshift(word.text) > mostParts) row.pop();
      for (const terms of [this.#exact.get(word.text) ?? none, this.#beginnings.get(word.text.slice(0, stem)) ?? none, this.#open])
        for (const { last, before, meaning } of terms)
          if (fits(last, word.text) && before.every((part, back) => fits(part, row[back + 1]))) yield { meaning, at, sentence };
      at++;
    }
  }
}

const listIn = <Item>(lists: Map<string, Item[]>, key: string): Item[] => {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
};
