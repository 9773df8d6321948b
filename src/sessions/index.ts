/** The front door of the record: who writes it, who reads it, who verifies it. */

export type { Durability } from "./journal/journal.ts";
export { KeyMismatchError, MasterKey } from "./master-key.ts";
export { audit } from "./read/audit.ts";
export { type Reader, type Replayed, type RequestText, replay } from "./read/replay.ts";
export { findSession, listSessions, type PagePoint, type SessionFilter, type SessionSummary } from "./read/sessions.ts";
export { type RecorderOptions, type RunningRecorder, startRecorder } from "./recorder.ts";
export { startRetention } from "./retention.ts";
export type { Piece } from "./segment.ts";
export type { Finding, Verdict } from "./verify.ts";
