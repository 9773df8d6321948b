/** One policy as plain data, resolved: defaults filled in, nothing left to look up but detectors. Where it came from is not told. */

import type { Replacement } from "./masking/index.ts";
import type { RecordLevel } from "./obligations.ts";

/**
 * What a policy applies to. Keys are AND, the values of a key OR, an absent key matches everything, but: without `operations` only inference operations
 * match, and the caller `anonymous` is matched only by `identities: ["anonymous"]` (ARCHITECTURE.md 1.2).
 */
export interface MatchDocument {
  readonly groups: readonly string[] | undefined;
  /** Configured identities by name, subjects by `ISSUER/SUBJECT` or bare, and `anonymous`. */
  readonly identities: readonly string[] | undefined;
  readonly connections: readonly string[] | undefined;
  /** Globs, in which `*` stands for any text. */
  readonly models: readonly string[] | undefined;
  /** Exact names of operations and of request features. */
  readonly operations: readonly string[] | undefined;
}

/** When a person must agree first. Keys of `when` are OR; undefined: always. */
export interface ApprovalDocument {
  readonly when: { readonly keywords: readonly string[]; readonly promptTokensOver: number | undefined } | undefined;
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds a request waits for a decision. */
  readonly expires: number;
}

/** A detector written in a policy; serves both directions. */
export interface CustomDetector {
  readonly name: string;
  readonly regex: string;
  /** undefined: the label. */
  readonly replace: Replacement | undefined;
}

export interface MaskDocument {
  /** Names of packs or detectors, towards the upstream. */
  readonly request: readonly string[];
  /** Names of packs or detectors, towards the caller. */
  readonly response: readonly string[];
  readonly custom: readonly CustomDetector[];
  /** JSON keys and paths, in both directions. */
  readonly keys: readonly string[];
  readonly onUnmaskable: "refuse" | "pass";
}

export interface PolicyDocument {
  /** Unique among the policies of a set. */
  readonly name: string;
  readonly match: MatchDocument;
  readonly effect: "allow" | "deny";
  readonly limits: { readonly promptTokens: number | undefined };
  readonly prompts: { readonly deny: readonly string[]; readonly allow: readonly string[] };
  readonly approval: ApprovalDocument | undefined;
  /** undefined: masks nothing for the caller; the record is masked all the same. */
  readonly mask: MaskDocument | undefined;
  readonly record: { readonly request: RecordLevel; readonly response: RecordLevel; readonly retentionDays: number };
}
