/** One request that waits, or waited, for a person. */

import type { Principal } from "../envelope/call.ts";

/** pending → approved → used; pending → denied, expired or withdrawn; approved → expired. */
export type ApprovalState = "pending" | "approved" | "used" | "denied" | "expired" | "withdrawn";

/** A rule that asks: who decides, and why they are asked. */
export interface ApprovalRuleFacts {
  readonly policy: string;
  readonly reasons: readonly string[];
  readonly groups: readonly string[];
  /** How many must agree. */
  readonly count: number;
}

/** One reviewer's word. */
export interface Vote {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  /** Those that they were in when they gave it and, as far as the directory knows, still are. */
  readonly groups: readonly string[];
  /** Lower case; undefined where none is known. */
  readonly email: string | undefined;
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly at: Date;
}

export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly session: string;
  readonly principal: Pick<Principal, "kind" | "issuer" | "subject" | "name" | "owner" | "email">;
  readonly connection: string;
  readonly connectionRevision: string;
  readonly policyRevision: string;
  readonly model: string | undefined;
  readonly operation: string;
  readonly rules: readonly ApprovalRuleFacts[];
  /** What the texts do not show, in words. */
  readonly unseen: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Since when nobody waits; undefined while somebody does. */
  readonly leftAt: Date | undefined;
  readonly decidedAt: Date | undefined;
  readonly reason: string | undefined;
}

/** Who decides. */
export interface Reviewer extends Pick<Principal, "issuer" | "subject" | "name" | "groups" | "owner"> {
  readonly email?: string | undefined;
}

/** An account at an issuer. */
export interface Account {
  readonly issuer: string;
  readonly subject: string;
}

/** The e-mail address of an account, in lower case; undefined where none is known. */
export type EmailOf = (account: Account) => string | undefined;

const isSame = (one: Account, other: Account): boolean => one.issuer === other.issuer && one.subject === other.subject;

/** Two accounts with one e-mail address are one person's, whoever vouches for each. */
const isOnePerson = (one: Account, other: Account, emailOf: EmailOf): boolean => {
  const email = emailOf(one);
  return isSame(one, other) || (email !== undefined && email === emailOf(other));
};

/** Whoever is behind an account: it, and who is responsible for it. */
const behind = ({ owner, ...account }: Account & { readonly owner?: Account }): readonly Account[] =>
  owner === undefined ? [account] : [account, owner];

/** Every account that {@link whyNot} wants the e-mail address of. */
export const accountsOf = ({ principal }: Approval, reviewer: Reviewer): readonly Account[] => [...behind(principal), ...behind(reviewer)];

/**
 * Why somebody may not decide; undefined when they may. Nobody decides on their own request, whichever of their accounts they use for it, nor on one of a
 * service that they own; and no service decides on what its owner, or another service of its owner, asks for.
 */
export const whyNot = (approval: Approval, reviewer: Reviewer, emailOf: EmailOf): string | undefined => {
  const { principal } = approval;
  if (isOnePerson(principal, reviewer, emailOf)) return "Nobody decides on their own request.";
  const concerned = behind(principal).some((one) => behind(reviewer).some((other) => isOnePerson(one, other, emailOf)));
  if (concerned) return "Nobody decides on requests of a service that they own.";
  const named = approval.rules.some(({ groups }) => groups.some((group) => reviewer.groups.includes(group)));
  return named ? undefined : "No policy that asks names you as a reviewer.";
};

const personOf = ({ issuer, subject, email }: Vote): string => email ?? JSON.stringify([issuer, subject]);

/** Whether every rule has as many agreeing reviewers as it wants. One person's yes counts for every rule that names them, and once for each. */
export const isSatisfied = (rules: readonly ApprovalRuleFacts[], votes: readonly Vote[]): boolean =>
  rules.every(({ groups, count }) => {
    const agreeing = votes.filter((vote) => vote.verdict === "approve" && vote.groups.some((group) => groups.includes(group)));
    return new Set(agreeing.map(personOf)).size >= count;
  });
