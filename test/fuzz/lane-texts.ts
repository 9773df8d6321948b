/** Texts that wake views and break JSON: secrets whole and in part, plain and encoded, among what encodings begin and end with. */

import { randomText } from "./generator.ts";
import type { Random } from "./random.ts";

/** Whole and broken secrets that the catalogue knows. */
const SECRETS = [
  "4111 1111 1111 1111",
  "4111111111111111",
  "joe@example.com",
  "AKIAIOSFODNN7EXAMPLE",
  "ghp_0123456789abcdefghijABCDEFGHIJ012345",
  "password = hunter2345",
  "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8\n-----END PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----",
  "GB82 WEST 1234 5698 7654 32",
] as const;

const FRAGMENTS = [
  "the quick brown fox ",
  "jumps. ",
  "between_words/and-more",
  " ",
  "\n",
  "%",
  "%4",
  "%E2%82%AC",
  "%E2",
  "\\",
  "\\n",
  "\\u",
  "\\u00",
  "\\ud83d",
  "\\x4",
  "34",
  "\u00ad",
  "\u200b",
  "\u2013",
  "１２",
  "\u{1d7ce}",
  "\ud835",
  "\udb40",
  "😀",
  "data:image/png;base64,",
  "data:text/plain;base64,",
  "password: ",
  '"',
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "true",
  "-1.5e3",
  '{"a":',
  '"b":["',
] as const;

const KEYS = ["a", "b", "password", "ssn", "aws_secret_access_key", "k 1", "b-a"] as const;

const hex = (unit: string, width: number): string => unit.charCodeAt(0).toString(16).padStart(width, "0");
const units = (text: string, write: (unit: string) => string): string =>
  Array.from({ length: text.length }, (_, at) => write(text.charAt(at))).join("");

/** Ways to write a text so that it does not read as itself; some write only a part of it so. */
const ENCODINGS: readonly ((random: Random, text: string) => string)[] = [
  (_, text) => text,
  (random, text) => Buffer.from(`${"xyz".slice(random.below(4))} ${text} and so on, at length`).toString("base64"),
  (_, text) => Buffer.from(`key ${text} ÿþý>>>???`).toString("base64url"),
  (random, text) => Buffer.from(text).toString("base64").slice(random.below(4), 30),
  (random, text) => units(text, (unit) => (random.chance(0.7) && unit < "\x80" ? `%${hex(unit, 2)}` : unit)),
  (random, text) => units(text, (unit) => (random.chance(0.4) ? `\\u${hex(unit, 4)}` : unit)),
  (random, text) => units(text, (unit) => (random.chance(0.4) && unit < "\x80" ? `\\x${hex(unit, 2)}` : unit)),
  (random, text) => units(text, (unit) => (random.chance(0.3) ? `${unit}\u200b` : unit)),
  (random, text) =>
    units(text, (unit) => (random.chance(0.6) && unit > " " && unit < "\x7f" ? String.fromCharCode(unit.charCodeAt(0) + 0xfee0) : unit)),
  (_, text) => JSON.stringify(text),
];

function piece(random: Random): string {
  if (random.chance(0.5)) return random.pick(FRAGMENTS);
  const text = random.chance(0.4) ? random.pick(SECRETS) : randomText(random, 12, random.chance(0.3));
  return random.pick(ENCODINGS)(random, random.chance(0.2) ? text.slice(random.below(4), 4 + random.below(12)) : text);
}

/** A text of up to `most` pieces. */
export const mixedText = (random: Random, most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => piece(random)).join("");

/** A JSON text: values of every kind, written with and without white space. */
export const jsonText = (random: Random): string => JSON.stringify(value(random, 0), undefined, random.pick([0, 0, 1]));

const DEEPEST = 3;

function value(random: Random, depth: number): unknown {
  const kind = random.below(depth > DEEPEST ? 5 : 9);
  if (kind < 4) return mixedText(random, 4);
  if (kind === 4) return random.pick([1, 1234, true, null, -1.5, 4_111_111_111_111_111, 11, 1e21]);
  if (kind < 7) return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
  const entries = Array.from({ length: random.below(4) }, () => [
    random.chance(0.5) ? random.pick(KEYS) : piece(random),
    value(random, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
