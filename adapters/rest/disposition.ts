/** The head of one part of a form: its Content-Disposition, as the clients of the world write it (RFC 7578 section 4.2, RFC 6266 section 4.1). */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Writing } from "./message.ts";

/** A name in a disposition: what it says, and where that stands in UTF-16 code units of the disposition's value. */
export interface DispositionName {
  readonly kind: "name" | "filename" | "filename*";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly writing: Extract<Writing, "quoted" | "token" | "extended">;
}

const unreadable = (): GatewayError => new GatewayError("request_invalid", "A part of the form has no name that can be read.");

const kinds: ReadonlySet<string> = new Set(["name", "filename", "filename*"]);
const isKind = (kind: string): kind is DispositionName["kind"] => kinds.has(kind);

/** A parameter's value is quoted, or a token. */
const parameter = /;\s*([A-Za-z*]{1,16})=(?:"((?:[^"\\\r\n]|\\.)*)"|([^\s";,\\]{1,1024}))\s*/dy;
const formData = /^form-data\s*(?=;)/i;
/** RFC 8187 section 3.2. */
const extended = /^utf-8''/i;
/** RFC 2047: .NET writes names so that are not ASCII, beside the extended form. */
const encodedWord = /^=\?.*\?=$/;

const decoded = (raw: string): string => {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw unreadable();
  }
};

const readName = (kind: DispositionName["kind"], found: RegExpExecArray): DispositionName => {
  const [start, end] = found.indices?.[2] ?? found.indices?.[3] ?? [0, 0];
  const raw = found[2] ?? found[3] ?? "";
  if (kind !== "filename*") return { kind, text: raw, start, end, writing: found[2] === undefined ? "token" : "quoted" };
  const charset = found[3] === undefined ? undefined : extended.exec(raw)?.[0];
  if (charset === undefined) throw unreadable();
  return { kind, text: decoded(raw.slice(charset.length)), start: start + charset.length, end, writing: "extended" };
};

/** Two names of one file must be the same name: servers choose either. */
const checkFilenames = (names: readonly DispositionName[]): void => {
  const plain = names.find(({ kind }) => kind === "filename")?.text;
  const long = names.find(({ kind }) => kind === "filename*")?.text;
  if (plain !== undefined && long !== undefined && plain !== long && !encodedWord.test(plain)) throw unreadable();
};

/** The names of a disposition, in order, each once; the field's own is among them. Throws `request_invalid`. */
export const readDisposition = (disposition: string): readonly DispositionName[] => {
  const names: DispositionName[] = [];
  let at = formData.exec(disposition)?.[0].length ?? -1;
  while (at >= 0 && at < disposition.length) {
    parameter.lastIndex = at;
    const found = parameter.exec(disposition);
    const kind = found?.[1]?.toLowerCase() ?? "";
    if (found === null || !isKind(kind) || names.some((name) => name.kind === kind)) throw unreadable();
    names.push(readName(kind, found));
    at = parameter.lastIndex;
  }
  if (!names.some(({ kind }) => kind === "name")) throw unreadable();
  checkFilenames(names);
  return names;
};
