/** What a decision obliges the gateway to do with a call: the united wishes of every policy that allowed it. */

import type { Facts } from "./decision.ts";
import type { QuotaDocument } from "./document.ts";
import type { Program } from "./masking/program.ts";

/** How much of a direction is recorded. */
export type RecordLevel = "masked" | "metadata" | "none";

/** Prompt patterns, compiled on the masker's own linear engine. */
export interface PromptRules {
  /** The names of rules that stop this prompt, empty when none does. `texts` are adjacent texts joined, with their authors. */
  blockedBy(texts: readonly PromptText[]): readonly string[];
}

/** Which tools a request may offer, and the model may call. */
export interface ToolRules {
  /** The policies that do not allow the tool; empty: all do. */
  refusedBy(tool: string): readonly string[];
}

/** One joined text of a request as prompt rules see it. */
export interface PromptText {
  readonly author: "system" | "user" | "assistant" | "tool-input" | "tool-output" | "data";
  readonly text: string;
}

/** When a person must agree before the request goes out. */
export interface ApprovalRule {
  readonly policy: string;
  /** Whether this request needs the approval; `tokens` is asked for only where the rule counts them. Throws where an expression cannot be evaluated. */
  applies(texts: readonly PromptText[], tokens: () => number, facts: Facts): boolean;
  /** Why it does, in words for a reviewer: the keywords that were found, or the count that is too high. Slow: asked once it is known to apply. */
  reasons(texts: readonly PromptText[], tokens: () => number, facts: Facts): readonly string[];
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds that a request waits for its reviewers. */
  readonly expires: number;
}

/** A policy's limits of use. */
export interface QuotaRule extends QuotaDocument {
  readonly policy: string;
  /** The groups that the policy is about; undefined: it names none. */
  readonly groups: readonly string[] | undefined;
}

export interface Obligations {
  /** Masking towards the upstream; undefined: none. */
  readonly maskRequest: Program | undefined;
  /** Masking towards the caller, and what answers may not say; undefined: neither. */
  readonly maskResponse: Program | undefined;
  /** Masking of what is recorded: the policies' detectors united with `recording.detectors`. The same object as above where the sets are equal. */
  readonly recordRequest: Program;
  readonly recordResponse: Program;
  readonly record: { readonly request: RecordLevel; readonly response: RecordLevel; readonly retentionDays: number };
  readonly onUnmaskable: "refuse" | "pass";
  readonly prompts: PromptRules | undefined;
  /** The smallest of the policies' prompt limits; undefined: none. */
  readonly promptTokens: number | undefined;
  /** The smallest of the policies' limits of an answer's tokens; undefined: none. */
  readonly outputTokens: number | undefined;
  /** undefined: any tool. */
  readonly tools?: ToolRules | undefined;
  readonly approvals: readonly ApprovalRule[];
  /** Every limit of use counts for itself. */
  readonly quotas: readonly QuotaRule[];
  /** What policies that only observe say about answers, as rules that end a text; undefined: nothing. */
  readonly watchResponse: Program | undefined;
  /** What policies that only observe would add; undefined where there are none about the call. */
  readonly observed?: ObservedRules | undefined;
}

/** Rules of policies that only observe: evaluated for the record, obeyed by nobody. */
export interface ObservedRules {
  readonly tools?: ToolRules | undefined;
  readonly prompts: PromptRules | undefined;
  readonly approvals: readonly ApprovalRule[];
  readonly answers: Program | undefined;
}
