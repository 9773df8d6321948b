/** The gateway's log: one JSON object a line, through pino. */

import { type DestinationStream, pino } from "pino";
import { type LogFields, loggedFields } from "./fields.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Messages are sentences of our own, written in the source; whatever varies is a field. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogOptions {
  readonly level?: LogLevel;
  /** Where lines go; absent: stderr, because stdout belongs to data. */
  readonly destination?: DestinationStream;
}

const standardError = 2;

/** Makes a log. Lines are written at once, so that a process that is killed has said what it had to say. */
export const createLog = ({ level = "info", destination }: LogOptions = {}): Log => {
  const lines = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    destination ?? pino.destination({ dest: standardError, sync: true }),
  );
  return {
    debug: (fields, message) => (lines.isLevelEnabled("debug") ? lines.debug(loggedFields(fields), message) : undefined),
    info: (fields, message) => (lines.isLevelEnabled("info") ? lines.info(loggedFields(fields), message) : undefined),
    warn: (fields, message) => lines.warn(loggedFields(fields), message),
    error: (fields, message) => lines.error(loggedFields(fields), message),
  };
};
