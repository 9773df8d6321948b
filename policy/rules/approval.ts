/** Approval: whether a policy wants a person's yes for this request. */

import type { ApprovalDocument } from "../document.ts";
import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import type { ApprovalRule, PromptText } from "../obligations.ts";

/** Characters that mean something in a pattern, escaped; keywords are literal text. */
const literal = (keyword: string): string => keyword.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const wordCharacter = /\w/;

/** A keyword as a word of its own, whatever its case; where it begins or ends with punctuation there is no word boundary to ask for. */
const keywordPattern = (keyword: string): string => {
  const before = wordCharacter.test(keyword[0] ?? "") ? "\\b" : "";
  const after = wordCharacter.test(keyword.at(-1) ?? "") ? "\\b" : "";
  return `${before}${literal(keyword)}${after}`;
};

const compileKeywords = (keywords: readonly string[]): Matcher | undefined =>
  keywords.length === 0 ? undefined : compileMatcher(keywords.map((keyword) => ({ pattern: keywordPattern(keyword), flags: "i" })));

const mentions = (matcher: Matcher, text: string): boolean => {
  if (matcher.test(text).length > 0) return true;
  const normal = normalise(text).text;
  return normal !== text && matcher.test(normal).length > 0;
};

/** Texts that a caller or a tool brought; what the model said before is no reason to ask again. */
const asks = ({ author }: PromptText): boolean => author !== "assistant";

/** Compiles one policy's approval rule. */
export const compileApproval = (policy: string, document: ApprovalDocument): ApprovalRule => {
  const keywords = compileKeywords(document.keywords);
  const limit = document.promptTokensOver;
  if (keywords === undefined && limit === undefined) return { policy, applies: () => true };
  return {
    policy,
    applies: (texts, tokens) =>
      (keywords !== undefined && texts.some((text) => asks(text) && mentions(keywords, text.text))) ||
      (limit !== undefined && tokens() > limit),
  };
};
