/** The front door of approvals. */

export type { Approval, ApprovalState, Reviewer, Vote } from "./approval.ts";
export { ApprovalDesk } from "./approval-desk.ts";
export { DecisionRefused, type Verdict } from "./approval-store.ts";
export type { ShownText } from "./sealed-texts.ts";
export { approvalStatusSurface } from "./status-surface.ts";
