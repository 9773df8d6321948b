/**
 * Rules about answers as detectors of the masking program: a rule that denies is a detector that ends the text, so that what it holds back, in which encodings it
 * sees and on which surfaces it looks is exactly as masking does (ARCHITECTURE.md 1.6).
 */

import type { AnswerDocument } from "../document.ts";
import type { Detector } from "../masking/detector.ts";
import { keywordPatterns } from "./keyword.ts";

/** What stands in place of what `answers.mask` matches: it names no rule. */
const label = "WITHHELD";

/** One policy's rules about answers, each under the name that the record knows it by. Those that stop an answer come first. */
export const answerDetectors = (policy: string, { deny, keywords, mask }: AnswerDocument): readonly Detector[] => [
  ...deny.map((pattern, index) => ({ name: `${policy} answers.deny[${index}]`, label, pattern, stops: true })),
  ...keywordPatterns(keywords).map((pattern) => ({ name: `${policy} answers.keywords`, label, pattern, flags: "u", stops: true })),
  ...mask.map((pattern, index) => ({ name: `${policy} answers.mask[${index}]`, label, pattern })),
];
