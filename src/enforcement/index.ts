/** The front door of the core. */

export { settleStanding } from "./approve.ts";
export { maskedForRecord } from "./masked.ts";
export type {
  ApprovalWish,
  Identities,
  Outcome,
  Ports,
  QuotaClaim,
  RecordedCall,
  Recorder,
  RequestRecord,
  SessionRecord,
  TokenCounter,
} from "./ports.ts";
export { makeServe } from "./serve.ts";
