/** Topics compiled: their words into one lexicon, their forms on the masker's engine. Time grows with the text, whatever it says. */

import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import { Lexicon } from "./lexicon.ts";
import type { Topic } from "./topic.ts";

/** What is asked of topics that were compiled together. */
export interface CompiledTopics {
  /** Those that a text is about, as it came or in its normalised view. */
  of(text: string): readonly Topic[];
}

/** What a term means to the topic that it is of: all of it, or one side of a pair. */
type Meaning = { readonly topic: number } & (
  | { readonly kind: "word" }
  | { readonly kind: "side"; readonly pair: number; readonly side: 0 | 1 }
);

/** Words between the two sides of a pair, at most: more stand in one sentence by chance. */
const nearby = 10;

interface Place {
  readonly at: number;
  readonly sentence: number;
}

const isNear = (place: Place, other: Place | undefined): boolean =>
  other !== undefined && place.sentence === other.sentence && place.at - other.at <= nearby;

const lexiconOf = (topics: readonly Topic[]): Lexicon<Meaning> => {
  const lexicon = new Lexicon<Meaning>();
  let pair = 0;
  for (const [topic, { words, pairs }] of topics.entries()) {
    for (const word of words) lexicon.add(word, { topic, kind: "word" });
    for (const { one, other } of pairs) {
      for (const word of one) lexicon.add(word, { topic, kind: "side", pair, side: 0 });
      for (const word of other) lexicon.add(word, { topic, kind: "side", pair, side: 1 });
      pair++;
    }
  }
  return lexicon;
};

/** The topics that words of a text tell. */
const toldByWords = (lexicon: Lexicon<Meaning>, text: string): ReadonlySet<number> => {
  const told = new Set<number>();
  const sides = new Map<number, [Place | undefined, Place | undefined]>();
  for (const { meaning, at, sentence } of lexicon.find(text)) {
    if (meaning.kind === "word") {
      told.add(meaning.topic);
      continue;
    }
    const seen = sides.get(meaning.pair) ?? [undefined, undefined];
    if (isNear({ at, sentence }, seen[1 - meaning.side])) told.add(meaning.topic);
    seen[meaning.side] = { at, sentence };
    sides.set(meaning.pair, seen);
  }
  return told;
};

const formsOf = (topics: readonly Topic[]): ((text: string) => readonly number[]) => {
  const owners = topics.flatMap(({ forms }, topic) => forms.map(() => topic));
  const patterns = topics.flatMap(({ forms }) => forms);
  if (patterns.length === 0) return () => [];
  const matcher = compileMatcher(patterns.map(({ pattern }) => ({ pattern })));
  return (text) => matcher.test(text).map((index) => owners[index] ?? 0);
};

/** The text as it came and, where that differs, as it reads. */
const readingsOf = (text: string): readonly string[] => {
  const normal = normalise(text).text;
  return normal === text ? [text] : [text, normal];
};

/** Compiles topics. */
export const compileTopics = (topics: readonly Topic[]): CompiledTopics => {
  const lexicon = lexiconOf(topics);
  const toldByForms = formsOf(topics);
  return {
    of: (text) => {
      const told = new Set(readingsOf(text).flatMap((reading) => [...toldByWords(lexicon, reading), ...toldByForms(reading)]));
      return topics.filter((_, index) => told.has(index));
    },
  };
};

/** Words and forms told to a reviewer at most. */
const mostTold = 5;

interface Teller {
  readonly lexicon: Lexicon<string>;
  readonly matcher: Matcher;
}

const tellers = new WeakMap<Topic, Teller>();

/** Made when a text is first told of: only what is held for a person is. */
const tellerOf = (topic: Topic): Teller => {
  let teller = tellers.get(topic);
  if (teller === undefined) {
    const lexicon = new Lexicon<string>();
    for (const word of new Set([...topic.words, ...topic.pairs.flatMap(({ one, other }) => [...one, ...other])])) lexicon.add(word, word);
    teller = { lexicon, matcher: compileMatcher(topic.forms.map(({ pattern }) => ({ pattern }))) };
    tellers.set(topic, teller);
  }
  return teller;
};

/** The topic's own words and the labels of its forms that stand in a text, a few of them. INVARIANT: nothing that a caller wrote is among them. */
export const wordsFound = (topic: Topic, text: string): readonly string[] => {
  const { lexicon, matcher } = tellerOf(topic);
  const found = new Set<string>();
  for (const reading of readingsOf(text)) {
    for (const index of matcher.test(reading)) found.add(topic.forms[index]?.label ?? "");
    for (const { meaning } of lexicon.find(reading)) found.add(meaning);
  }
  const longest = [...found].filter((word) => ![...found].some((other) => other !== word && other.includes(word)));
  return longest.slice(0, mostTold);
};
