/** The front door of approvals. */

export { type Approval, type ApprovalState, approvalStates, type Reviewer, type Vote } from "./approval.ts";
export { ApprovalDesk } from "./approval-desk.ts";
export { type ApprovalStore, DecisionRefused, type Verdict } from "./approval-store.ts";
export type { ShownText } from "./sealed-texts.ts";
