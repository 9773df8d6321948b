/** Arguments and options that several commands take. */

import { type Duration, durationFromMs, type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `90s`, `15m`, `8h` or `30d`. */
export const parseLength = (text: string): Duration => {
  const found = /^([1-9]\d{0,6})([smhd])$/.exec(text);
  const unit = units[found?.[2] ?? ""];
  if (found === null || unit === undefined) throw new InvalidArgumentError("It must be a time such as 90s, 15m, 8h or 30d.");
  return durationFromMs(Number(found[1]) * unit);
};

/** Collects an option that may be given several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** A time for people and programs; undefined where there is none. */
export const timeText = (timestamp: Timestamp | undefined): string | undefined =>
  timestamp === undefined ? undefined : timestampDate(timestamp).toISOString();

/** An issuer and a subject, written `issuer/subject`; the subject may have slashes itself. */
export const parseIdentity = (text: string): { readonly issuer: string; readonly subject: string } => {
  const slash = text.indexOf("/");
  if (slash < 1 || slash === text.length - 1) throw new InvalidArgumentError("It must be written issuer/subject, such as corp/alice.");
  return { issuer: text.slice(0, slash), subject: text.slice(slash + 1) };
};
