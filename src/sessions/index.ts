/** The front door of the record: who writes it, who reads it, who verifies it. */

export type { Durability } from "./journal/journal.ts";
export { KeyMismatchError, MasterKey } from "./master-key.ts";
export { audit } from "./read/audit.ts";
export { type Reader, type Replayed, replay } from "./read/replay.ts";
export {
  explainSession,
  findSession,
  listSessions,
  type PagePoint,
  type SessionDecision,
  type SessionFilter,
  type SessionSummary,
} from "./read/sessions.ts";
export { type RunningRecorder, startRecorder } from "./recorder.ts";
export { startRetention } from "./retention.ts";
