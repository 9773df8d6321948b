/** Approvals as commands show them. */

import { type Approval, ApprovalState, type GetApprovalResponse } from "../gen/weir/v1/approval_pb.ts";
import { timeText } from "./arguments.ts";

/** The names of states at the prompt and in JSON. */
export const approvalStateNames = ["pending", "approved", "used", "denied", "expired", "withdrawn"] as const;
export type ApprovalStateName = (typeof approvalStateNames)[number];

const states: Readonly<Record<ApprovalStateName, ApprovalState>> = {
  pending: ApprovalState.PENDING,
  approved: ApprovalState.APPROVED,
  used: ApprovalState.USED,
  denied: ApprovalState.DENIED,
  expired: ApprovalState.EXPIRED,
  withdrawn: ApprovalState.WITHDRAWN,
};

export const approvalStateOf = (name: ApprovalStateName): ApprovalState => states[name];

/** The name of a state; a newer gateway may have more of them. */
export const approvalStateName = (state: ApprovalState): string => approvalStateNames.find((name) => states[name] === state) ?? "unknown";

const callerOf = ({ caller }: Approval): string => caller?.name ?? "";

const reasonsOf = ({ rules }: Approval): string => rules.map(({ policy, reasons }) => `${policy}: ${reasons.join(", ")}`).join("; ");

/** An approval for programs: what the API says, with states and times as text. */
export const approvalObject = (approval: Approval): Readonly<Record<string, unknown>> => {
  const { id, session, caller, connection, model, operation, rules, unseen, reason } = approval;
  return {
    id,
    state: approvalStateName(approval.state),
    session,
    caller: caller && { kind: caller.kind, issuer: caller.issuer, subject: caller.subject, name: caller.name },
    connection,
    model,
    operation,
    rules: rules.map(({ policy, reasons, groups, count }) => ({ policy, reasons, groups, count })),
    unseen,
    createdAt: timeText(approval.createdAt),
    expiresAt: timeText(approval.expiresAt),
    leftAt: timeText(approval.leftAt),
    decidedAt: timeText(approval.decidedAt),
    reason,
  };
};

export const approvalHead = ["ID", "STATE", "WHO", "CONNECTION", "MODEL", "WHY", "EXPIRES"] as const;

export const approvalRow = (approval: Approval): readonly string[] => {
  const { id, connection, model = "", state, expiresAt } = approval;
  return [id, approvalStateName(state), callerOf(approval), connection, model, reasonsOf(approval), timeText(expiresAt) ?? ""];
};

/** One approval for programs, with its texts and votes. */
export const shownObject = ({ approval, texts, votes }: GetApprovalResponse): Readonly<Record<string, unknown>> => ({
  ...(approval === undefined ? {} : approvalObject(approval)),
  texts: texts.map(({ pathJson, author, text }) => ({ path: JSON.parse(pathJson) as unknown, author, text })),
  votes: votes.map(({ name, approved, reason, at }) => ({ name, verdict: approved ? "approve" : "deny", reason, at: timeText(at) })),
});

/** One approval for people: fields and values. */
export const shownLines = ({ approval, texts, votes }: GetApprovalResponse): readonly (readonly string[])[] => {
  if (approval === undefined) return [];
  const { id, state, caller, connection, model = "", operation, unseen, session, expiresAt, leftAt, reason } = approval;
  return [
    ["id", id],
    ["state", approvalStateName(state)],
    ["who", caller === undefined ? "" : `${caller.name} (${caller.kind}, ${caller.issuer})`],
    ["what", `${operation} of ${model === "" ? "no model" : model} over ${connection}`],
    ["why", reasonsOf(approval)],
    ["not shown", unseen.join(", ")],
    ["session", session],
    ["expires", timeText(expiresAt) ?? ""],
    ["caller left", timeText(leftAt) ?? ""],
    ["told to the caller", reason ?? ""],
    ...votes.map(({ name, approved, reason: why }) => [approved ? "agreed" : "refused", why === "" ? name : `${name}: ${why}`]),
    ...texts.map(({ author, text }) => [author, text]),
  ].filter(([, value]) => value !== "");
};
