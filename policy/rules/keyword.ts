/** Keywords as patterns: whole words in any case. */

/** Characters that mean something in a pattern with the flag `u`. Case is ignored in the literal alone: folding the classes of letters takes a second. */
const syntaxCharacters = /[\\^$.*+?()[\]{}|/]/g;
const wordCharacter = /[\p{L}\p{N}_]/u;
const wordClass = "[\\p{L}\\p{N}_]";

/** Keywords of one pattern, in characters: far below the engine's limit of a pattern, so that thousands of keywords are a few patterns. */
const charactersAPattern = 4096;

/** A keyword as it may stand in a text, for the flag `u`: its white space is any white space, and where it begins or ends with a letter, no letter may go on. */
export const keywordPattern = (keyword: string): string => {
  const literal = keyword.trim().replace(syntaxCharacters, "\\$&").replace(/\s+/gu, "\\s+");
  const characters = [...keyword.trim()];
  const before = wordCharacter.test(characters[0] ?? "") ? `(?<!${wordClass})` : "";
  const after = wordCharacter.test(characters.at(-1) ?? "") ? `(?!${wordClass})` : "";
  return `${before}(?i:${literal})${after}`;
};

/** Keywords as alternatives of as few patterns as hold them, for the flag `u`. */
export const keywordPatterns = (keywords: readonly string[]): readonly string[] => {
  const patterns: string[] = [];
  for (const alternative of keywords.map(keywordPattern)) {
    const last = patterns.at(-1);
    if (last !== undefined && last.length + alternative.length < charactersAPattern)
      patterns[patterns.length - 1] = `${last}|${alternative}`;
    else patterns.push(alternative);
  }
  return patterns;
};
