/** One policy as plain data: what `weir.yaml` and the database say, defaults filled in. */

import type { PrincipalKind } from "../src/envelope/call.ts";
import type { Replacement } from "./masking/detector.ts";
import type { RecordLevel } from "./obligations.ts";
import type { TimeWindow } from "./rules/schedule.ts";

/** Keys are AND, values OR, an absent key matches all; except that absent `operations` means inference, and `anonymous` is matched only by name. */
export interface PolicyMatch {
  readonly groups?: readonly string[] | undefined;
  readonly identities?: readonly string[] | undefined;
  readonly connections?: readonly string[] | undefined;
  /** Globs: `*` stands for any run of characters. */
  readonly models?: readonly string[] | undefined;
  /** Operations and request features by name; globs are not allowed, so that nobody grants by accident what does not exist yet. */
  readonly operations?: readonly string[] | undefined;
  /** Kinds of identity. */
  readonly kinds?: readonly Exclude<PrincipalKind, "anonymous">[] | undefined;
  /** Weekly windows, in any of which the call must come. */
  readonly times?: readonly TimeWindow[] | undefined;
  /** CIDR ranges, in any of which the caller's address must lie. */
  readonly networks?: readonly string[] | undefined;
  /** A CEL expression that must hold (`rules/expression.ts`). */
  readonly expression?: string | undefined;
}

/** When an approval is needed: keys are OR; no condition at all: always. */
export interface ApprovalDocument {
  readonly keywords: readonly string[];
  /** Topics by name, any of which a text is about. Absent: none. */
  readonly topics?: readonly string[] | undefined;
  readonly promptTokensOver: number | undefined;
  /** A CEL expression, which may ask for `prompt.tokens` too. */
  readonly expression: string | undefined;
  /** Who decides: members of any of the groups, so many of them. */
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds that a request waits. */
  readonly expires: number;
}

/** What texts of a request must not, or must, be. */
export interface PromptDocument {
  readonly deny: readonly string[];
  readonly allow: readonly string[];
  /** Topics by name that no text may be about. Absent: none. */
  readonly topics?: readonly string[] | undefined;
}

/** Globs of tools' names: a tool must fit one of `allow` and none of `deny`. */
export interface ToolDocument {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Terms of tokens whose scope reaches what the policy is about. */
export interface TokenDocument {
  /** Milliseconds that one may live at most; undefined: as long as the gateway lets any. */
  readonly lifetime: number | undefined;
  /** Who must agree before one is issued; undefined: nobody. */
  readonly approval: Pick<ApprovalDocument, "reviewers" | "expires"> | undefined;
}

/** A detector written in a policy. */
export interface CustomDetector {
  readonly name: string;
  readonly pattern: string;
  readonly replace?: Replacement;
}

export interface MaskDocument {
  /** Packs or single detectors by name. */
  readonly response: readonly string[];
  readonly request: readonly string[];
  /** Serve both directions. */
  readonly custom: readonly CustomDetector[];
  /** JSON keys and paths; serve both directions. */
  readonly keys: readonly string[];
  readonly onUnmaskable: "refuse" | "pass";
}

/** What answers may not say. */
export interface AnswerDocument {
  /** Patterns that stop an answer before what matches. */
  readonly deny: readonly string[];
  /** Words that stop it: whole words in any case. */
  readonly keywords: readonly string[];
  /** Patterns whose matches are replaced. */
  readonly mask: readonly string[];
}

/** Limits of use over time, each counted for whom or what `per` says. */
export interface QuotaDocument {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerDay: number | undefined;
  readonly per: "identity" | "group" | "connection";
}

export interface PolicyDocument {
  readonly name: string;
  readonly match: PolicyMatch;
  readonly effect: "allow" | "deny";
  /** `observe`: the policy changes nothing; the record says what it would have done. Absent: it is in force. */
  readonly mode?: "enforce" | "observe" | undefined;
  readonly promptTokens: number | undefined;
  /** The most tokens that an answer may have, all of its choices together; undefined: no limit. */
  readonly outputTokens: number | undefined;
  /** Limits of use; undefined: none. */
  readonly quota: QuotaDocument | undefined;
  readonly prompts: PromptDocument;
  /** undefined: no rules about answers. */
  readonly answers: AnswerDocument | undefined;
  /** The tools that a request may offer and the model may call. Absent: any. */
  readonly tools?: ToolDocument | undefined;
  /** Absent: nothing is said of tokens. */
  readonly tokens?: TokenDocument | undefined;
  readonly approval: ApprovalDocument | undefined;
  /** undefined: this policy masks nothing for the caller. */
  readonly mask: MaskDocument | undefined;
  readonly record: { readonly request: RecordLevel; readonly response: RecordLevel; readonly retentionDays: number };
}
