/** Messages of REST calls taken apart: texts in the writing they came in, between what is none of the gateway's business. */

import { escapeJson, numberOrString } from "../../src/envelope/json/index.ts";
import type { Unread, Visibility } from "../../src/envelope/message.ts";
import type { Author, Closing, Lane, Syntax } from "../../src/envelope/text.ts";

/**
 * How a text is written where it stands: as it is; percent-encoded in a query or a form; over the `data` lines of an event; on one line of an event;
 * between the quotes of a JSON string or key; as a JSON number, which becomes a string when it changes; between the quotes of a multipart parameter;
 * as a header's value; or length-prefixed in a tensor (its bytes alone stand here).
 */
export type Writing =
  | "bare"
  | "form"
  | "event"
  | "line"
  | "string"
  | "key"
  | "number"
  | "quoted"
  | "token"
  | "extended"
  | "header"
  | "element";

/** A text of a message. */
export interface TextPart {
  readonly lane: Lane;
  readonly author: Author;
  readonly syntax: Syntax;
  readonly path: readonly (string | number)[];
  readonly writing: Writing;
  readonly text: string;
  /** The text as it is written. */
  readonly raw: string;
}

/** What a message consists of, in order: what stays as it is, and texts. */
export type Part = string | Buffer | TextPart;

/** A body put together, and the headers that say how. */
export interface Sealed {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the parts of a body are put together whose format says elsewhere how long they are. */
export interface Envelope {
  seal(body: readonly Part[]): Sealed;
}

/** A request, a whole answer, or one message of a streamed answer. */
export interface RestMessage {
  /** Of a request alone: the path, unescaped. It says what was authorised, so that a change to it cannot be sent (ARCHITECTURE.md 1.3). */
  readonly path: readonly TextPart[];
  /** Of a request alone: what follows `?`. */
  readonly query: readonly Part[];
  /** The values of headers that are texts; the last segment of a path is the header's name. */
  readonly headers: readonly TextPart[];
  readonly body: readonly Part[];
  /** The body as it came; undefined once a text of it has changed. */
  readonly whole: string | Buffer | undefined;
  readonly closings: readonly Closing[];
  readonly visibility: Visibility;
  readonly unread: Unread | undefined;
  readonly onlyText: boolean;
  readonly envelope: Envelope | undefined;
}

/** A message of which nothing is said yet. */
export const emptyMessage: RestMessage = {
  path: [],
  query: [],
  headers: [],
  body: [],
  whole: undefined,
  closings: [],
  visibility: "whole",
  unread: undefined,
  onlyText: false,
  envelope: undefined,
};

/** A message that is none of the gateway's business. */
export const literal = (text: string): RestMessage => ({ ...emptyMessage, body: [text], whole: text });

export const isText = (part: Part): part is TextPart => typeof part !== "string" && !Buffer.isBuffer(part);

const lineBreaks = /\r\n?|\n/g;
/** What a header's value may not hold (RFC 9110 section 5.5); bytes above 0x7f are written as they came, as Latin-1. */
const notForHeaders = /[^\t\x20-\x7e\x80-\xff]/g;

/** `application/x-www-form-urlencoded` serialising (WHATWG URL section 5.2), lone surrogates and all. */
const formEncode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);

const quotedEscapes: Readonly<Record<string, string>> = { '"': "%22", "\r": "%0D", "\n": "%0A" };

/** WHATWG HTML, "multipart/form-data encoding algorithm". */
const quote = (text: string): string => text.replace(/["\r\n]/g, (unit) => quotedEscapes[unit] ?? "");

/** The text as its place wants it written. */
export const write = (writing: Writing, text: string): string => {
  switch (writing) {
    case "bare":
    case "element":
      return text;
    case "form":
      return formEncode(text);
    case "event":
      return text.replace(lineBreaks, "\ndata: ");
    case "line":
      return text.replace(lineBreaks, " ");
    case "string":
    case "key":
      return escapeJson(text);
    case "number":
      return numberOrString(text);
    case "quoted":
      return quote(text);
    case "token":
      return `"${quote(text)}"`;
    case "extended":
      return formEncode(text).replaceAll("+", "%20");
    case "header":
      return text.replace(notForHeaders, "?");
  }
};

const rawOf = (part: Part): string | Buffer => (isText(part) ? part.raw : part);

/** Parts on the wire: one string where all of them are text. */
export const joinParts = (parts: readonly Part[]): string | Buffer => {
  let text = "";
  let binary = false;
  for (const part of parts) {
    if (Buffer.isBuffer(part)) binary = true;
    else if (!binary) text += typeof part === "string" ? part : part.raw;
  }
  if (!binary) return text;
  return Buffer.concat(parts.map(rawOf).map((raw) => (typeof raw === "string" ? Buffer.from(raw) : raw)));
};

/** A message's body as it goes on the wire. */
export const bodyOf = (message: RestMessage): string | Buffer =>
  message.whole ?? (message.envelope === undefined ? joinParts(message.body) : message.envelope.seal(message.body).bytes);
