/** Approval: whether a policy wants a person's yes for this request. */

import type { ApprovalDocument } from "../document.ts";
import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import type { ApprovalRule, PromptText } from "../obligations.ts";
import { compiledTopics, topicsNamed, wordsFound } from "../topics/index.ts";
import { compileExpression, type Expression } from "./expression.ts";
import { keywordPattern, keywordPatterns } from "./keyword.ts";
import { SharedMatchers } from "./shared-matchers.ts";

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
const topicReasons = (names: readonly string[], texts: readonly PromptText[]): readonly string[] =>
  topicsNamed(names).flatMap((topic) => {
    const about = texts.filter((text) => asks(text) && compiledTopics([topic.name])?.of(text.text).length === 1);
    const words = new Set(about.flatMap(({ text }) => wordsFound(topic, text)));
    return about.length === 0 ? [] : [`topic ${topic.name} (${[...words].slice(0, mostTold).join(", ")})`];
  });

const reasonsOf = (document: ApprovalDocument, expression: Expression | undefined): ApprovalRule["reasons"] => {
  const { keywords, topics = [], promptTokensOver: limit } = document;
  if (keywords.length + topics.length === 0 && limit === undefined && expression === undefined) return () => ["always"];
  return (texts, tokens, facts) => [
    ...(expression?.test(facts, { tokens }) === true ? [`expression ${document.expression ?? ""}`] : []),
    ...keywords.slice(0, mostNamed).flatMap((keyword) => (isMentioned(keyword, texts) ? [`keyword ${JSON.stringify(keyword)}`] : [])),
    ...topicReasons(topics, texts),
    ...(limit !== undefined && tokens() > limit ? [`${tokens()} prompt tokens, more than ${limit}`] : []),
  ];
};

/**
 * Compiles one policy's approval rule. Conditions are OR, none of them: always. Keywords are whole words in any case, looked for in the texts as they
 * came and in their normalised view; so are topics. `matchers` are those of the set that the policy is part of. Throws ExpressionError and UnknownTopic.
 */
export const compileApproval = (policy: string, document: ApprovalDocument, matchers = new SharedMatchers()): ApprovalRule => {
  const patterns = keywordPatterns(document.keywords);
  const keywords = patterns.length === 0 ? undefined : matchers.of(patterns.map((pattern) => ({ pattern, flags: "u" })));
  const topics = compiledTopics(document.topics);
  const { promptTokensOver: limit, reviewers, expires } = document;
  const expression = document.expression === undefined ? undefined : compileExpression(document.expression, { prompt: true });
  const told = { policy, reviewers, expires, reasons: reasonsOf(document, expression) };
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
