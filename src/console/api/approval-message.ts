/** Approvals as the management API tells them. */

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Approval as Entry, ShownText, ApprovalState as State, Vote } from "../../approvals/index.ts";
import { present } from "../../envelope/present.ts";
import {
  type Approval,
  ApprovalSchema,
  ApprovalState,
  type ApprovalText,
  ApprovalTextSchema,
  type ApprovalVote,
  ApprovalVoteSchema,
} from "../../gen/weir/v1/approval_pb.ts";

const states: Readonly<Record<State, ApprovalState>> = {
  pending: ApprovalState.PENDING,
  approved: ApprovalState.APPROVED,
  used: ApprovalState.USED,
  denied: ApprovalState.DENIED,
  expired: ApprovalState.EXPIRED,
  withdrawn: ApprovalState.WITHDRAWN,
};

/** The state that a message names; undefined where it names none. */
export const stateNamed = (state: ApprovalState | undefined): State | undefined =>
  (Object.keys(states) as State[]).find((name) => states[name] === state);

export const approvalMessage = (entry: Entry): Approval => {
  const { id, session, connection, model, operation, rules, unseen, createdAt, expiresAt, leftAt, decidedAt, reason } = entry;
  const { kind, issuer, subject, name } = entry.principal;
  return create(ApprovalSchema, {
    id,
    state: states[entry.state],
    session,
    caller: { kind, issuer, subject, name },
    connection,
    operation,
    rules: rules.map(({ policy, reasons, groups, count }) => ({ policy, reasons: [...reasons], groups: [...groups], count })),
    unseen: [...unseen],
    createdAt: timestampFromDate(createdAt),
    expiresAt: timestampFromDate(expiresAt),
    ...(leftAt === undefined ? {} : { leftAt: timestampFromDate(leftAt) }),
    ...(decidedAt === undefined ? {} : { decidedAt: timestampFromDate(decidedAt) }),
    ...present({ model, reason }),
  });
};

export const textMessage = ({ path, author, text }: ShownText): ApprovalText =>
  create(ApprovalTextSchema, { pathJson: JSON.stringify(path), author, text });

export const voteMessage = ({ name, verdict, reason, at }: Vote): ApprovalVote =>
  create(ApprovalVoteSchema, { name, approved: verdict === "approve", reason, at: timestampFromDate(at) });
