/** Prompt rules: patterns that a request's texts must not, or must, match, and topics that they must not be about. A guard rail, not a boundary (ARCHITECTURE.md 1.6 rule 11). */

import type { PromptDocument } from "../document.ts";
import type { Matcher } from "../masking/matcher.ts";
import { normalise } from "../masking/normalise.ts";
import { PatternError } from "../masking/pattern-error.ts";
import type { PromptRules, PromptText } from "../obligations.ts";
import { type CompiledTopics, compiledTopics } from "../topics/index.ts";
import { SharedMatchers } from "./shared-matchers.ts";

/** The authors whose texts `prompts.deny` looks at: what steers the model, whoever brought it. `data` is what no table names, and could be any of these. */
const deniedAuthors: ReadonlySet<PromptText["author"]> = new Set(["user", "system", "tool-output", "data"]);

/** One policy's prompt patterns, compiled. */
export interface CompiledPrompts {
  readonly policy: string;
  readonly deny: Matcher | undefined;
  readonly allow: Matcher | undefined;
  readonly topics: CompiledTopics | undefined;
}

/** A prompt pattern that cannot be compiled, and where in its policy it stands. */
export class PromptPatternError extends Error {
  readonly policy: string;
  readonly list: "deny" | "allow";
  /** Its index in the list. */
  readonly index: number;
  /** UTF-16 offset in the pattern. */
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

/** Compiles one policy's rules; `matchers` are those of the set that it is part of. Throws {@link PromptPatternError}, and UnknownTopic. */
export const compilePrompts = (policy: string, prompts: PromptDocument, matchers = new SharedMatchers()): CompiledPrompts => {
  const compileList = (list: "deny" | "allow"): Matcher | undefined => {
    if (prompts[list].length === 0) return undefined;
    try {
      return matchers.of(prompts[list].map((pattern) => ({ pattern })));
    } catch (thrown) {
      if (!(thrown instanceof PatternError)) throw thrown;
      throw new PromptPatternError({ policy, list, index: Number(thrown.detector ?? 0), problem: thrown });
    }
  };
  return { policy, deny: compileList("deny"), allow: compileList("allow"), topics: compiledTopics(prompts.topics) };
};

/** A text as it came and, where that differs, in its normalised view. */
interface Read {
  readonly author: PromptText["author"];
  readonly text: string;
  readonly normal: string | undefined;
}

const read = ({ author, text }: PromptText): Read => {
  const normal = normalise(text).text;
  return { author, text, normal: normal === text ? undefined : normal };
};

/** The names of the deny patterns that some text matches, either way of reading it. */
const denying = (policy: string, deny: Matcher, texts: readonly Read[]): readonly string[] => {
  const found = new Set<number>();
  for (const { author, text, normal } of texts) {
    if (!deniedAuthors.has(author)) continue;
    for (const index of deny.test(text)) found.add(index);
    for (const index of normal === undefined ? [] : deny.test(normal)) found.add(index);
  }
  return [...found].sort((a, b) => a - b).map((index) => `${policy} prompts.deny[${index}]`);
};

/** A user's text must be allowed as the model will read it: that it would be, were it written otherwise, does not count. */
const isAllowed = (allow: Matcher, texts: readonly Read[]): boolean =>
  texts.every(({ author, text }) => author !== "user" || allow.test(text).length > 0);

/** The names of the topics that some text is about. */
const aboutTopics = (policy: string, topics: CompiledTopics, texts: readonly Read[]): readonly string[] => {
  const found = new Set(texts.flatMap(({ author, text }) => (deniedAuthors.has(author) ? topics.of(text) : [])).map(({ name }) => name));
  return [...found].sort().map((name) => `${policy} prompts.topics ${name}`);
};

/** A rule that cannot be evaluated blocks. */
const blocking = ({ policy, deny, allow, topics }: CompiledPrompts, texts: readonly Read[]): readonly string[] => {
  try {
    const names = [
      ...(deny === undefined ? [] : denying(policy, deny, texts)),
      ...(topics === undefined ? [] : aboutTopics(policy, topics, texts)),
    ];
    return allow === undefined || isAllowed(allow, texts) ? names : [...names, `${policy} prompts.allow`];
  } catch {
    return [`${policy} prompts, which could not be evaluated`];
  }
};

/** The prompt rules of several policies united; undefined when none has any. */
export const unitePrompts = (rules: readonly CompiledPrompts[]): PromptRules | undefined => {
  const active = rules.filter(({ deny, allow, topics }) => deny !== undefined || allow !== undefined || topics !== undefined);
  if (active.length === 0) return undefined;
  return {
    blockedBy: (texts) => {
      const readings = texts.map(read);
      return active.flatMap((rule) => blocking(rule, readings));
    },
  };
};
