/** The smallest parts of the schema: names, durations, ports, lists. Each says in a sentence what it wants. */

import { isIP } from "node:net";
import { z } from "zod";

/** A name that may stand in a path, a scope and a metric label. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** Groups and subjects come from issuers and may look like anything that prints. */
const maxTextLength = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const printable = /^[^\u0000-\u001f\u007f]+$/;

export const name = z
  .string()
  .regex(namePattern, "must be a name of letters, digits, `.`, `_` and `-`, at most 63 characters, beginning with a letter or digit");

/** Text that prints: a group, a subject, a glob. */
export const text = z
  .string()
  .min(1, "must not be empty")
  .max(maxTextLength, `must be at most ${maxTextLength} characters`)
  .regex(printable, "must not contain control characters");

/** Milliseconds of each unit that a duration may have. */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = /^(?<count>[1-9][0-9]{0,8})(?<unit>ms|s|m|h|d)$/;
/** Node's timers hold 31 bits of milliseconds; what would overflow fires at once. */
const maxTimerMs = 2_147_483_647;

const toMs = (text: string): number => {
  const groups = durationPattern.exec(text)?.groups;
  return Number(groups?.count) * (unitMs[groups?.unit ?? ""] ?? Number.NaN);
};

/** A duration such as `250ms`, `5s`, `15m`, `1h` or `90d`, in milliseconds; `atMost` is in milliseconds too. */
export const duration = (atMost = maxTimerMs) =>
  z
    .string()
    .regex(durationPattern, "must be a duration such as 250ms, 5s, 15m, 1h or 90d")
    .refine((text) => !(toMs(text) > atMost), `must be at most ${atMost / (unitMs.d ?? 1)} days`)
    .transform(toMs);

const dayMs = 86_400_000;
/** A hundred years: beyond it a date may not be one that PostgreSQL's intervals add up to. */
const maxRetentionDays = 36_500;

/** A retention in whole days. */
export const days = z
  .string()
  .regex(/^[1-9][0-9]{0,5}d$/, "must be a number of days such as 90d")
  .refine((text) => !(toMs(text) > maxRetentionDays * dayMs), `must be at most ${maxRetentionDays}d`)
  .transform((text) => toMs(text) / dayMs);

const maxPort = 65_535;

export const port = z.int("must be a whole number").min(0, "must be from 0 to 65535").max(maxPort, "must be from 0 to 65535");

export const address = z.string().refine((text) => isIP(text) !== 0 || text === "localhost", "must be an IP address or localhost");

/** A count of something, at least one. */
export const count = z.int("must be a whole number").min(1, "must be at least 1");

/** A list that says something: an empty one would match nothing, and is more likely a mistake. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1, "must not be empty: leave the key out instead");

/** A part of the format whose machinery is not there yet: refused wherever it is given. */
export const notYet = <Part extends z.ZodType>(part: Part, what: string) =>
  part.refine(() => false, `${what}: not yet supported`).optional();
