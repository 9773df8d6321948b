/** The front door of telemetry. */

export type { LogFields } from "./fields.ts";
export { createLog, type Log, type LogLevel } from "./log.ts";
export { type JournalFigures, Metrics, type OutcomeLabel } from "./metrics.ts";
