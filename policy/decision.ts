/** The question put to policy and its answer. Pure data: the same facts give the same decision. */

import type { Operation, Principal } from "../src/envelope/call.ts";
import type { Scope } from "../src/envelope/scope.ts";
import type { Obligations } from "./obligations.ts";
import type { TokenTerms } from "./rules/token.ts";

export interface Facts {
  readonly principal: Principal;
  readonly connection: string;
  readonly model: string | undefined;
  readonly operation: Operation;
  /** Request features that need their exact name in a policy's `operations`. */
  readonly features: readonly string[];
  /** The names of the tools that the request offers to the model. */
  readonly tools: readonly string[];
  /** When the call came, milliseconds since the epoch: policy has no clock of its own. */
  readonly at: number;
  /** The caller's address, without port. */
  readonly remoteAddress: string;
}

/** `rules` names the policies that made the decision; `sentence` says it in words for the record. */
export type Decision =
  | { readonly effect: "deny"; readonly rules: readonly string[]; readonly sentence: string }
  | { readonly effect: "allow"; readonly rules: readonly string[]; readonly sentence: string; readonly obligations: Obligations };

/** Every policy of one revision, compiled. Never changes: a reload makes a new one. */
export interface PolicySet {
  readonly revision: string;
  decide(facts: Facts): Decision;
  /** Whether this principal may use the connection for anything at all: what they may not use looks like what does not exist. */
  reaches(principal: Principal, connection: string): boolean;
  /** Whether this principal may use the model on the connection for some inference operation. */
  mayUse(principal: Principal, connection: string, model: string): boolean;
  /** How long a token of this scope may live for this principal, and who must agree to its being issued: by every policy that it would reach. */
  tokenTerms(principal: Principal, scope: Scope): TokenTerms;
  /** The program that masks what refusals record: every recording detector. */
  readonly recording: Obligations["recordRequest"];
}
