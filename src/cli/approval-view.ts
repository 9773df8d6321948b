/** Approvals as commands show them. */

import { type Approval, ApprovalState, type GetApprovalResponse } from "../gen/weir/v1/approval_pb.ts";
import { timeText } from "./arguments.ts";
import { namesOf } from "./names.ts";
import { fieldsTable, type View } from "./view.ts";
import { visibleLine } from "./visible.ts";

/** The states of approvals. */
export const approvalStates = namesOf({
  pending: ApprovalState.PENDING,
  approved: ApprovalState.APPROVED,
  used: ApprovalState.USED,
  denied: ApprovalState.DENIED,
  expired: ApprovalState.EXPIRED,
  withdrawn: ApprovalState.WITHDRAWN,
});

const longestState = Math.max(...approvalStates.all.map(({ length }) => length));

const callerOf = ({ caller }: Approval): string => caller?.name ?? "";

const reasonsOf = ({ rules }: Approval): string => rules.map(({ policy, reasons }) => `${policy}: ${reasons.join(", ")}`).join("; ");

const approvalObject = (approval: Approval): Readonly<Record<string, unknown>> => {
  const { id, session, caller, connection, model, operation, rules, unseen, reason } = approval;
  return {
    id,
    state: approvalStates.nameOf(approval.state),
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

/** Approvals in lists. */
export const approvalView: View<Approval> = {
  head: ["ID", "STATE", "WHO", "CONNECTION", "MODEL", "WHY", "EXPIRES"],
  row: (approval) => {
    const { id, connection, model = "", state, expiresAt } = approval;
    return [id, approvalStates.nameOf(state), callerOf(approval), connection, model, reasonsOf(approval), timeText(expiresAt) ?? ""];
  },
  object: approvalObject,
};

/** One approval on a line, for who watches them come and go. */
export const approvalLine = (approval: Approval): string => {
  const { id, state, connection, model = "", operation } = approval;
  const what = `${callerOf(approval)} wants ${operation}${model === "" ? "" : ` of ${model}`} over ${connection}`;
  return `${visibleLine(`${id}  ${approvalStates.nameOf(state).padEnd(longestState)}  ${what}  (${reasonsOf(approval)})`)}\n`;
};

/** One approval for programs, with its texts and votes. */
export const shownObject = ({ approval, texts, votes }: GetApprovalResponse): Readonly<Record<string, unknown>> => ({
  ...(approval === undefined ? {} : approvalObject(approval)),
  texts: texts.map(({ pathJson, author, text }) => ({ path: JSON.parse(pathJson) as unknown, author, text })),
  votes: votes.map(({ name, approved, reason, at }) => ({ name, verdict: approved ? "approve" : "deny", reason, at: timeText(at) })),
});

/** One approval for people, with its texts and votes. */
export const shownText = ({ approval, texts, votes }: GetApprovalResponse): string => {
  if (approval === undefined) return "";
  const { id, state, caller, connection, model = "", operation, unseen, session, expiresAt, leftAt, reason } = approval;
  return fieldsTable([
    ["id", id],
    ["state", approvalStates.nameOf(state)],
    ["who", caller === undefined ? "" : `${caller.name} (${caller.kind}, ${caller.issuer})`],
    ["what", `${operation} of ${model === "" ? "no model" : model} over ${connection}`],
    ["why", reasonsOf(approval)],
    ["not shown", unseen.join(", ")],
    ["session", session],
    ["expires", timeText(expiresAt)],
    ["caller left", timeText(leftAt)],
    ["told to the caller", reason],
    ...votes.map(({ name, approved, reason: why }) => [approved ? "agreed" : "refused", why === "" ? name : `${name}: ${why}`] as const),
    ...texts.map(({ author, text }) => [author, text] as const),
  ]);
};
