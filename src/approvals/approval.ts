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
  readonly groups: readonly string[];
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly at: Date;
}

export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly session: string;
  readonly principal: Pick<Principal, "kind" | "issuer" | "subject" | "name" | "owner">;
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
export interface Reviewer {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

const isRequester = ({ principal }: Approval, { issuer, subject }: Pick<Reviewer, "issuer" | "subject">): boolean =>
  principal.issuer === issuer && principal.subject === subject;

const owns = ({ principal: { owner } }: Approval, { issuer, subject }: Pick<Reviewer, "issuer" | "subject">): boolean =>
  owner?.issuer === issuer && owner.subject === subject;

/** Why somebody may not decide; undefined when they may. Nobody decides on their own request, nor on one of a service that they own. */
export const whyNot = (approval: Approval, reviewer: Reviewer): string | undefined => {
  if (isRequester(approval, reviewer)) return "Nobody decides on their own request.";
  if (owns(approval, reviewer)) return "Nobody decides on requests of a service that they own.";
  const named = approval.rules.some(({ groups }) => groups.some((group) => reviewer.groups.includes(group)));
  return named ? undefined : "No policy that asks names you as a reviewer.";
};

/** Whether every rule has as many agreeing reviewers as it wants. One person's yes counts for every rule that names them, and once for each. */
export const isSatisfied = (rules: readonly ApprovalRuleFacts[], votes: readonly Vote[]): boolean =>
  rules.every(({ groups, count }) => {
    const agreeing = votes.filter((vote) => vote.verdict === "approve" && vote.groups.some((group) => groups.includes(group)));
    return agreeing.length >= count;
  });
