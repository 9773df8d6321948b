/**
 * Forms of parts (`multipart/form-data`, RFC 7578), read strictly: what two servers could read in two ways is refused.
 *
 * Names, file names and texts are shown; parts of other kinds are not read.
 */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Author } from "../../src/envelope/text.ts";
import { readDisposition } from "./disposition.ts";
import { type BodyKind, kindOf, syntaxOf } from "./media.ts";
import { emptyMessage, type Part, type RestMessage, type Writing } from "./message.ts";
import { partOf, unreadOf } from "./parts.ts";
import { isTextBytes } from "./utf8.ts";

/** Parts of one form. */
const mostParts = 1_000;
/** Bytes of one part's head. */
const mostHeadBytes = 8 * 1024;

const ambiguous = (message: string): GatewayError => new GatewayError("request_invalid", message);

/** RFC 2046 section 5.1.1. */
const boundaryParameter = /;\s*boundary=(?:"([A-Za-z0-9'()+_,\-./:=? ]{1,70})"|([A-Za-z0-9'+_\-.]{1,70}))\s*(?=;|$)/gi;

const boundaryOf = (contentType: string): string => {
  const [found, second] = [...contentType.matchAll(boundaryParameter)];
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined || second !== undefined) throw ambiguous("The form has no boundary, or more than one.");
  return boundary;
};

interface Headers {
  readonly disposition: string;
  /** Where the disposition's value stands in the head, in UTF-16 code units. */
  readonly dispositionAt: number;
  readonly contentType: string | undefined;
  /** Whether there are others than forms have: nobody should look at them (section 4.8), so nobody does. */
  readonly others: boolean;
}

/** Headers that parts have, and that are no text of the caller's. */
const partHeaders: ReadonlySet<string> = new Set(["content-disposition", "content-type", "content-transfer-encoding", "content-length"]);

const headerLine = /^([A-Za-z0-9!#$%&'*+\-.^_`|~]+):([^\r\n]*)$/;

const readHeaders = (head: string): Headers => {
  const values = new Map<string, string>();
  let dispositionAt = 0;
  let at = 0;
  for (const line of head.split("\r\n")) {
    const [, name = "", padded = ""] = headerLine.exec(line) ?? [];
    const value = padded.trim();
    const known = name.toLowerCase();
    if (known === "" || values.has(known)) throw ambiguous("A part of the form has headers that cannot be read.");
    values.set(known, value);
    if (known === "content-disposition") dispositionAt = at + line.indexOf(value, name.length);
    at += line.length + 2;
  }
  const encoding = values.get("content-transfer-encoding")?.toLowerCase();
  if (encoding !== undefined && !["7bit", "8bit", "binary"].includes(encoding)) throw ambiguous("A part of the form is encoded.");
  const others = [...values.keys()].some((name) => !partHeaders.has(name));
  return { disposition: values.get("content-disposition") ?? "", dispositionAt, contentType: values.get("content-type"), others };
};

const textKinds: ReadonlySet<BodyKind> = new Set(["json", "lines", "text", "form", "unknown"]);

/** A text of a part. */
interface TextPlace {
  readonly path: readonly string[];
  readonly lane: string;
  readonly writing: Writing;
  /** What it spells, where that is not how it is written. */
  readonly text?: string;
}

/** Reads one form. */
class FormReader {
  readonly #bytes: Buffer;
  readonly #author: Author;
  readonly #parts: Part[] = [];
  readonly #unread: Buffer[] = [];
  #literal = 0;
  #count = 0;

  constructor(bytes: Buffer, author: Author) {
    this.#bytes = bytes;
    this.#author = author;
  }

  read(boundary: string): RestMessage {
    const bytes = this.#bytes;
    const delimiter = `\r\n--${boundary}`;
    const first = delimiter.slice(2);
    if (bytes.subarray(0, first.length).toString("latin1") !== first) throw ambiguous("The form does not begin with its boundary.");
    let at = first.length;
    while (!this.#closes(at)) {
      if (bytes.subarray(at, at + 2).toString("latin1") !== "\r\n") throw ambiguous("The form's boundary is not a line of its own.");
      const end = bytes.indexOf(delimiter, at);
      if (end < 0) throw ambiguous("The form does not end.");
      if (++this.#count > mostParts) throw ambiguous("The form has too many parts.");
      this.#part(at + 2, end);
      at = end + delimiter.length;
    }
    this.#keep(bytes.length);
    const seen = { body: this.#parts, whole: bytes };
    if (this.#unread.length === 0) return { ...emptyMessage, ...seen };
    return { ...emptyMessage, ...seen, visibility: "partial", unread: unreadOf(this.#unread) };
  }

  /** Whether the boundary that ends at `at` is the last; nothing but a line end follows it, for an epilogue is read by nobody. */
  #closes(at: number): boolean {
    const rest = this.#bytes.subarray(at, at + 5).toString("latin1");
    if (!rest.startsWith("--")) return false;
    if (rest !== "--" && rest !== "--\r\n") throw ambiguous("The form goes on after its end.");
    return true;
  }

  #part(start: number, end: number): void {
    const blank = this.#bytes.subarray(0, end + 2).indexOf("\r\n\r\n", start);
    if (blank < 0 || blank - start > mostHeadBytes) throw ambiguous("A part of the form has no head, or one that is too large.");
    const bytes = this.#bytes.subarray(start, blank);
    if (!isUtf8(bytes)) throw ambiguous("A part of the form has headers that are not UTF-8.");
    const head = bytes.toString("utf8");
    const headers = readHeaders(head);
    if (headers.others) this.#unread.push(bytes);
    const names = readDisposition(headers.disposition);
    const byteAt = (offset: number): number => start + Buffer.byteLength(head.slice(0, headers.dispositionAt + offset));
    for (const { kind, text, start: from, end: to, writing } of names) {
      if (from < to) this.#text(byteAt(from), byteAt(to), { path: [], lane: kind, writing, text });
    }
    this.#content(blank + 4, end, headers, names.find(({ kind }) => kind === "name")?.text ?? "");
  }

  #content(start: number, end: number, { contentType }: Headers, name: string): void {
    const content = this.#bytes.subarray(start, Math.max(start, end));
    if (content.length === 0) return;
    if (textKinds.has(kindOf(contentType)) && isTextBytes(content))
      this.#text(start, end, { path: [name], lane: "value", writing: "bare" });
    else this.#unread.push(content);
  }

  #text(start: number, end: number, { path, lane, writing, text }: TextPlace): void {
    this.#keep(start);
    const raw = this.#bytes.subarray(start, end).toString("utf8");
    const syntax = writing === "bare" ? syntaxOf(raw) : "plain";
    const options = { author: this.#author, path, lane: `part.${this.#count}.${lane}`, writing, syntax };
    this.#parts.push(partOf(raw, text === undefined ? options : { ...options, text }));
    this.#literal = end;
  }

  #keep(until: number): void {
    if (until > this.#literal) this.#parts.push(this.#bytes.subarray(this.#literal, until));
  }
}

/** Reads a form. Throws `request_invalid`. */
export const readMultipart = (bytes: Buffer, contentType: string, author: Author): RestMessage =>
  new FormReader(bytes, author).read(boundaryOf(contentType));
