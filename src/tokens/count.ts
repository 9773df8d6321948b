/** Counts the tokens of prompts, for limits: exactly for models of the GPT-4o family and later, as a fair estimate for all others. */

import type { TokenCounter } from "../enforcement/ports.ts";

/**
 * Longest run of one class of characters handed to the tokenizer in one piece, UTF-16 code units. A byte-pair encoder is quadratic in the length of one
 * word, so 50,000 equal letters would block the process for seconds; cut at 256 the counts of ordinary texts stay equal.
 */
const longestRun = 256;

type CharacterClass = "letter" | "digit" | "space" | "other";

const classOf = (unit: number): CharacterClass => {
  if (unit >= 0x30 && unit <= 0x39) return "digit";
  if ((unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a) || unit >= 0x80) return "letter";
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) ? "space" : "other";
};

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Cuts a text so that no piece holds a run of one class longer than {@link longestRun}; never inside a surrogate pair. */
export const splitRuns = (text: string): readonly string[] => {
  if (text.length <= longestRun) return [text];
  const pieces: string[] = [];
  let from = 0;
  let runStart = 0;
  let runClass: CharacterClass | undefined;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const unitClass = classOf(unit);
    if (unitClass !== runClass) {
      runClass = unitClass;
      runStart = at;
    } else if (at - runStart >= longestRun && !isLowSurrogate(unit)) {
      pieces.push(text.slice(from, at));
      from = at;
      runStart = at;
    }
  }
  pieces.push(text.slice(from));
  return pieces;
};

/** Loads the tokenizer (some 0.15 s and 54 MB, so only where a policy counts tokens) and returns the counter. */
export const loadTokenCounter = async (): Promise<TokenCounter> => {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  const asText = { disallowedSpecial: new Set<string>() };
  return {
    count: (texts) => {
      let total = 0;
      for (const text of texts) for (const piece of splitRuns(text)) total += countTokens(piece, asText);
      return total;
    },
  };
};
