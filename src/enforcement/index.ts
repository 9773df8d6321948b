/** The front door of the core. */

export type {
  ApprovalWish,
  Identities,
  Outcome,
  Ports,
  QuotaClaim,
  Recorder,
  RequestRecord,
  SessionRecord,
  TokenCounter,
} from "./ports.ts";
export { makeServe } from "./serve.ts";
