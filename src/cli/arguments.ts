/** Arguments and options that several commands take. */

import { type Duration, durationFromMs, type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Command, InvalidArgumentError, Option } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `90s`, `15m`, `8h` or `30d`. */
export const parseLength = (text: string): Duration => {
  const found = /^([1-9]\d{0,6})([smhd])$/.exec(text);
  const unit = units[found?.[2] ?? ""];
  if (found === null || unit === undefined) throw new InvalidArgumentError("It must be a time such as 90s, 15m, 8h or 30d.");
  return durationFromMs(Number(found[1]) * unit);
};

/** A moment as ISO 8601 writes it. */
export const parseTime = (text: string): Timestamp => {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError("It must be a time such as 2026-01-31T08:00:00Z.");
  return timestampFromDate(time);
};

const usualLimit = 50;

const parseLimit = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above zero.");
  return Number(text);
};

/** `--limit`: how many entries a list shows at most. */
export const limitOption = (): Option => new Option("--limit <count>", "at most so many").argParser(parseLimit).default(usualLimit);

/** Collects an option that may be given several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** What a key or a token is good for; empty: whatever policies allow. */
export interface ScopeOptions {
  readonly connection: readonly string[];
  readonly model: readonly string[];
  readonly operation: readonly string[];
}

/** Adds `--connection`, `--model` and `--operation`: see {@link ScopeOptions}. */
export const addScope = (command: Command): Command => {
  const listOption = (flags: string, description: string): Option =>
    new Option(flags, `${description}; may be repeated`).argParser(several).default([], "any");
  return command
    .addOption(listOption("--connection <name>", "good for this connection only"))
    .addOption(listOption("--model <glob>", "good for these models only"))
    .addOption(listOption("--operation <name>", "good for this operation only"));
};

/** A time for people and programs; undefined where there is none. */
export const timeText = (timestamp: Timestamp | undefined): string | undefined =>
  timestamp === undefined ? undefined : timestampDate(timestamp).toISOString();

/** An issuer and a subject, written `issuer/subject`; the subject may have slashes itself. */
export const parseIdentity = (text: string): { readonly issuer: string; readonly subject: string } => {
  const slash = text.indexOf("/");
  if (slash < 1 || slash === text.length - 1) throw new InvalidArgumentError("It must be written issuer/subject, such as corp/alice.");
  return { issuer: text.slice(0, slash), subject: text.slice(slash + 1) };
};
