/** A topic: what a text is about, told by words and patterns that ship with the gateway. A guard rail, not a boundary (ARCHITECTURE.md 1.6 rule 11). */

/**
 * Whole words as topics write them, in any case and with or without their accents. Several stand in a row, with white space, `-`, `_` or an apostrophe
 * between them; `*` at either end of one stands for letters more.
 */
export type TopicWord = string;

/** Words that tell a topic only together: one of each side in one sentence, near each other, in either order. */
export interface TopicPair {
  readonly one: readonly TopicWord[];
  readonly other: readonly TopicWord[];
}

/** How something is written that is no word: a command, a key's form. */
export interface TopicForm {
  /** What a reviewer reads that was found. */
  readonly label: string;
  /** JavaScript syntax, in the engine's subset. */
  readonly pattern: string;
}

export interface Topic {
  readonly name: string;
  /** What it finds, in a sentence. */
  readonly title: string;
  /** Words any of which tells the topic by itself. */
  readonly words: readonly TopicWord[];
  readonly pairs: readonly TopicPair[];
  readonly forms: readonly TopicForm[];
}
