/** The front door of the core. */

export type {
  Access,
  Approvals,
  ApprovalWish,
  AskingRule,
  Identities,
  Outcome,
  Ports,
  QuotaClaim,
  Quotas,
  Recorder,
  RequestRecord,
  SessionRecord,
  TokenCounter,
} from "./ports.ts";
export { makeServe } from "./serve.ts";
