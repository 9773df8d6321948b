/** Terms of tokens: how long one may live, and who must agree to its being issued. Decided by who wants it and what it would reach, before any call. */

import type { Principal } from "../../src/envelope/call.ts";
import type { Scope } from "../../src/envelope/scope.ts";
import type { PolicyDocument } from "../document.ts";
import { compileWho } from "./access.ts";
import { compileGlobs } from "./glob.ts";
import { smallest } from "./limit.ts";

/** A policy that wants a person's yes before a token is issued. */
export interface TokenApproval {
  readonly policy: string;
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds that whoever asks for the token waits. */
  readonly expires: number;
}

/** What policies say of a token that somebody wants. */
export interface TokenTerms {
  /** The longest that it may live, milliseconds; undefined: no policy says. */
  readonly lifetime: number | undefined;
  readonly approvals: readonly TokenApproval[];
}

/** One policy's terms, compiled. */
export interface TokenRule extends TokenTerms {
  /** Whether a token of this scope would let this caller make a call that the policy may be about. */
  concerns(principal: Principal, scope: Scope): boolean;
}

/** Whether some name fits both globs. Where both have stars, only their ends are compared: a doubt counts as yes. */
const meet = (one: string, other: string): boolean => {
  if (!one.includes("*")) return compileGlobs([other])(one);
  if (!other.includes("*")) return compileGlobs([one])(other);
  const heads = [one, other].map((glob) => glob.slice(0, glob.indexOf("*")));
  const tails = [one, other].map((glob) => glob.slice(glob.lastIndexOf("*") + 1));
  const agree = ([left = "", right = ""]: readonly string[], ends: "startsWith" | "endsWith"): boolean =>
    left[ends](right) || right[ends](left);
  return agree(heads, "startsWith") && agree(tails, "endsWith");
};

/** Whether two lists have something in common; an absent one has everything. */
const overlap = (
  mine: readonly string[] | undefined,
  theirs: readonly string[] | undefined,
  same: (one: string, other: string) => boolean = (one, other) => one === other,
): boolean => mine === undefined || theirs === undefined || mine.some((one) => theirs.some((other) => same(one, other)));

/** Compiles one policy's terms; undefined where it has none. When and from where calls may come is not known of a token: such conditions count as met. */
export const compileTokenRule = ({ name, match, tokens }: PolicyDocument): TokenRule | undefined => {
  if (tokens === undefined) return undefined;
  const who = compileWho(match);
  return {
    lifetime: tokens.lifetime,
    approvals: tokens.approval === undefined ? [] : [{ policy: name, ...tokens.approval }],
    concerns: (principal, scope) =>
      who(principal) &&
      overlap(match.connections, scope.connections) &&
      overlap(match.models, scope.models, meet) &&
      overlap(match.operations, scope.operations),
  };
};

/** The terms of several policies: the shortest life, and every approval. */
export const uniteTerms = (terms: readonly TokenTerms[]): TokenTerms => ({
  lifetime: smallest(terms.map(({ lifetime }) => lifetime)),
  approvals: terms.flatMap(({ approvals }) => approvals),
});
