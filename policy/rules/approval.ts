/** Approval: whether a policy wants a person's yes for this request. */

import type { ApprovalDocument } from "../document.ts";
import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import type { ApprovalRule, PromptText } from "../obligations.ts";
import { topicsNamed, wordsFound } from "../topics/index.ts";
import { compileExpression, type Expression } from "./expression.ts";
import { SharedMatchers } from "./shared-matchers.ts";

/** Characters that mean something in a pattern with the flag `u`. Case is ignored in the literal alone: folding the classes of letters takes a second. */
const syntaxCharacters = /[\\^$.*+?()[\]{}|/]/g;
const wordCharacter = /[\p{L}\p{N}_]/u;
const wordClass = "[\\p{L}\\p{N}_]";

/** Keywords of one pattern, in characters: far below the engine's limit of a pattern, so that thousands of keywords are a few patterns. */
const charactersAPattern = 4096;

/** A keyword as it may stand in a text: its white space is any white space, and where it begins or ends with a letter, no letter may go on. */
const keywordPattern = (keyword: string): string => {
  const literal = keyword.trim().replace(syntaxCharacters, "\\$&").replace(/\s+/gu, "\\s+");
  const characters = [...keyword.trim()];
  const before = wordCharacter.test(characters[0] ?? "") ? `(?<!${wordClass})` : "";
  const after = wordCharacter.test(characters.at(-1) ?? "") ? `(?!${wordClass})` : "";
  return `${before}(?i:${literal})${after}`;
};

/** Alternatives of as few patterns as hold them. */
const patternsOf = (keywords: readonly string[]): readonly string[] => {
  const patterns: string[] = [];
  for (const alternative of keywords.map(keywordPattern)) {
    const last = patterns.at(-1);
    if (last !== undefined && last.length + alternative.length < charactersAPattern)
      patterns[patterns.length - 1] = `${last}|${alternative}`;
    else patterns.push(alternative);
  }
  return patterns;
};

const mentions = (matcher: Matcher, text: string): boolean => {
  if (matcher.test(text).length > 0) return true;
  const normal = normalise(text).text;
  return normal !== text && matcher.test(normal).length > 0;
};

/** Texts that a caller or a tool brought; what the model said before is no reason to ask again. */
const asks = ({ author }: PromptText): boolean => author !== "assistant";

/** A keyword of its own, for telling which one was found. */
const isMentioned = (keyword: string, texts: readonly PromptText[]): boolean => {
  const matcher = compileMatcher([{ pattern: keywordPattern(keyword), flags: "u" }]);
  return texts.some((text) => asks(text) && mentions(matcher, text.text));
};

/** Keywords named to a reviewer at most: each costs a matcher of its own. */
const mostNamed = 64;
/** Words of one topic told to a reviewer at most. */
const mostTold = 5;

/** The topics that the texts are about, each with a few of its own words that were found. */
const topicReasons = (names: readonly string[], texts: readonly PromptText[], matchers: SharedMatchers): readonly string[] =>
  topicsNamed(names).flatMap((topic) => {
    const about = texts.filter((text) => asks(text) && matchers.topics([topic.name])?.of(text.text).length === 1);
    const words = new Set(about.flatMap(({ text }) => wordsFound(topic, text)));
    return about.length === 0 ? [] : [`topic ${topic.name} (${[...words].slice(0, mostTold).join(", ")})`];
  });

/** What a policy's rule is made of, compiled. */
interface Compiled {
  readonly expression: Expression | undefined;
  readonly matchers: SharedMatchers;
}

const reasonsOf = (document: ApprovalDocument, { expression, matchers }: Compiled): ApprovalRule["reasons"] => {
  const { keywords, topics = [], promptTokensOver: limit } = document;
  if (keywords.length + topics.length === 0 && limit === undefined && expression === undefined) return () => ["always"];
  return (texts, tokens, facts) => [
    ...(expression?.test(facts, { tokens }) === true ? [`expression ${document.expression ?? ""}`] : []),
    ...keywords.slice(0, mostNamed).flatMap((keyword) => (isMentioned(keyword, texts) ? [`keyword ${JSON.stringify(keyword)}`] : [])),
    ...topicReasons(topics, texts, matchers),
    ...(limit !== undefined && tokens() > limit ? [`${tokens()} prompt tokens, more than ${limit}`] : []),
  ];
};

/**
 * Compiles one policy's approval rule. Conditions are OR, none of them: always. Keywords are whole words in any case, looked for in the texts as they
 * came and in their normalised view; so are topics. `matchers` are those of the set that the policy is part of. Throws ExpressionError and UnknownTopic.
 */
export const compileApproval = (policy: string, document: ApprovalDocument, matchers = new SharedMatchers()): ApprovalRule => {
  const patterns = patternsOf(document.keywords);
  const keywords = patterns.length === 0 ? undefined : matchers.of(patterns.map((pattern) => ({ pattern, flags: "u" })));
  const topics = matchers.topics(document.topics);
  const { promptTokensOver: limit, reviewers, expires } = document;
  const expression = document.expression === undefined ? undefined : compileExpression(document.expression, { prompt: true });
  const told = { policy, reviewers, expires, reasons: reasonsOf(document, { expression, matchers }) };
  if (keywords === undefined && topics === undefined && limit === undefined && expression === undefined)
    return { ...told, applies: () => true };
  return {
    ...told,
    applies: (texts, tokens, facts) =>
      (keywords !== undefined && texts.some((text) => asks(text) && mentions(keywords, text.text))) ||
      (topics !== undefined && texts.some((text) => asks(text) && topics.of(text.text).length > 0)) ||
      (limit !== undefined && tokens() > limit) ||
      expression?.test(facts, { tokens }) === true,
  };
};
