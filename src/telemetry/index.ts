/** The front door of telemetry. */

export type { LogFields } from "./fields.ts";
export { createLog, type Log, type LogLevel, type LogOptions } from "./log.ts";
export { type CallFigures, type JournalFigures, Metrics, type OutcomeLabel } from "./metrics.ts";
