/** Prompt rules: patterns that a request's texts must not, or must, match. A guard rail, not a boundary (ARCHITECTURE.md 1.6 rule 11). */

import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import { PatternError } from "../masking/pattern-error.ts";
import type { PromptRules, PromptText } from "../obligations.ts";

/** The authors whose texts `prompts.deny` looks at: what steers the model, whoever brought it. */
const deniedAuthors: ReadonlySet<PromptText["author"]> = new Set(["user", "system", "tool-output"]);

/** One policy's prompt patterns, compiled. */
export interface CompiledPrompts {
  readonly policy: string;
  readonly deny: Matcher | undefined;
  readonly allow: Matcher | undefined;
}

const compileList = (policy: string, list: "deny" | "allow", patterns: readonly string[]): Matcher | undefined => {
  if (patterns.length === 0) return undefined;
  try {
    return compileMatcher(patterns.map((pattern) => ({ pattern })));
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    throw new PromptPatternError({ policy, list, index: Number(thrown.detector ?? 0), problem: thrown });
  }
};

/** A prompt pattern that cannot be compiled, and where in its policy it stands. */
export class PromptPatternError extends Error {
  readonly policy: string;
  readonly list: "deny" | "allow";
  readonly index: number;
  readonly position: number;

  constructor(at: { policy: string; list: "deny" | "allow"; index: number; problem: PatternError }) {
    super(at.problem.message, { cause: at.problem });
    this.name = "PromptPatternError";
    this.policy = at.policy;
    this.list = at.list;
    this.index = at.index;
    this.position = at.problem.position;
  }
}

/** Compiles one policy's patterns. Throws {@link PromptPatternError}. */
export const compilePrompts = (policy: string, prompts: { deny: readonly string[]; allow: readonly string[] }): CompiledPrompts => ({
  policy,
  deny: compileList(policy, "deny", prompts.deny),
  allow: compileList(policy, "allow", prompts.allow),
});

/** A text as it came and in its normalised view; the same string twice costs one test. */
const readings = (text: string): readonly string[] => {
  const normal = normalise(text).text;
  return normal === text ? [text] : [text, normal];
};

const matches = (matcher: Matcher, texts: readonly string[]): boolean => texts.some((text) => matcher.test(text).length > 0);

interface Read {
  readonly author: PromptText["author"];
  readonly readings: readonly string[];
}

const blocking = ({ policy, deny, allow }: CompiledPrompts, texts: readonly Read[]): readonly string[] => {
  const names: string[] = [];
  if (deny !== undefined && texts.some((text) => deniedAuthors.has(text.author) && matches(deny, text.readings)))
    names.push(`${policy} (prompts.deny)`);
  if (allow !== undefined && texts.some((text) => text.author === "user" && !matches(allow, text.readings)))
    names.push(`${policy} (prompts.allow)`);
  return names;
};

/** The prompt rules of several policies united; undefined when none has any. */
export const unitePrompts = (rules: readonly CompiledPrompts[]): PromptRules | undefined => {
  const active = rules.filter(({ deny, allow }) => deny !== undefined || allow !== undefined);
  if (active.length === 0) return undefined;
  return {
    blockedBy: (texts) => {
      const read = texts.map(({ author, text }) => ({ author, readings: readings(text) }));
      return active.flatMap((rule) => blocking(rule, read));
    },
  };
};
