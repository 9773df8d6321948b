/** Headers of REST calls: which pass, and which of an answer's are texts. */

import { lane } from "../../src/envelope/text.ts";
import { type HeaderAllowance, passingHeaders } from "../shared/headers.ts";
import type { RestMessage, TextPart } from "./message.ts";

/**
 * What an upstream may learn of the caller's client. `Range` and `If-Range` never pass: masking reads a text from its beginning (ARCHITECTURE.md 1.6), and a
 * server may always answer with the whole (RFC 9110 section 14.2).
 */
const requestHeaders: HeaderAllowance = {
  names: new Set([
    "accept",
    "accept-language",
    "cache-control",
    "content-language",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "prefer",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-requested-with",
    "endpoint-load-metrics-format",
  ]),
  prefixes: ["ce-"],
};

/** The caller's headers that go on, names and values in turn. */
export const passingRequestHeaders = (rawHeaders: readonly string[]): string[] => passingHeaders(rawHeaders, requestHeaders);

/**
 * Headers of an answer that clients act on. Cookies are not among them: they would belong to the gateway's origin, and the gateway takes none. Nor is what says
 * who may read the answer in a browser: that is the gateway's to say.
 */
const answerHeaders: ReadonlySet<string> = new Set([
  "age",
  "allow",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-location",
  "content-security-policy",
  "content-type",
  "deprecation",
  "endpoint-load-metrics",
  "etag",
  "expires",
  "last-modified",
  "link",
  "location",
  "pragma",
  "preference-applied",
  "referrer-policy",
  "retry-after",
  "sunset",
  "vary",
  "warning",
  "x-content-type-options",
  "x-frame-options",
]);
const answerPrefixes = ["x-ratelimit-", "ratelimit"];

/** Bytes of one header's value. */
const longestValue = 8 * 1024;

const mayPass = (name: string): boolean => answerHeaders.has(name) || answerPrefixes.some((prefix) => name.startsWith(prefix));

/** Values that say nothing but a word of the protocol, and need not be looked at. */
const protocolWords: ReadonlySet<string> = new Set([
  "application/json",
  "application/json; charset=utf-8",
  "application/x-ndjson",
  "application/octet-stream",
  "text/event-stream",
  "text/event-stream; charset=utf-8",
  "text/html; charset=utf-8",
  "text/plain; charset=utf-8",
  "no-cache",
  "no-store",
  "nosniff",
]);

/** What is done to values before they pass; undefined takes a header away. */
export type HeaderEdit = (name: string, value: string) => string | undefined;

/** An answer's headers that pass, values of a repeated one in one list (RFC 9110 section 5.3). */
export const passingAnswerHeaders = (rawHeaders: readonly string[], edit: HeaderEdit): ReadonlyMap<string, string> => {
  const passing = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!mayPass(name)) continue;
    const value = edit(name, rawHeaders[at + 1] ?? "");
    if (value === undefined || value.length > longestValue) continue;
    const before = passing.get(name);
    passing.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return passing;
};

const separator = ": ";

/** A header as a text: with its name before it, as context for whoever looks at its value. */
const headerPart = (name: string, value: string): TextPart => {
  const text = `${name}${separator}${value}`;
  return { lane: lane(`header.${name}`), author: "data", syntax: "plain", path: ["header", name], writing: "header", text, raw: text };
};

/** An answer's headers, and those of them that are texts. */
export interface AnswerHeaders {
  readonly fixed: Readonly<Record<string, string>>;
  readonly texts: readonly TextPart[];
}

/** Tells the texts among headers from the words of the protocol. */
export const splitHeaders = (headers: ReadonlyMap<string, string>): AnswerHeaders => {
  const fixed: Record<string, string> = {};
  const texts: TextPart[] = [];
  for (const [name, value] of headers) {
    if (protocolWords.has(value.toLowerCase())) fixed[name] = value;
    else texts.push(headerPart(name, value));
  }
  return { fixed, texts };
};

/** A message's headers as they may be sent: one whose name was covered is not. */
export const headersOf = ({ headers, envelope, body }: RestMessage): Record<string, string> => {
  const sent: Record<string, string> = {};
  for (const { path, raw } of headers) {
    const name = String(path.at(-1));
    if (raw.startsWith(`${name}${separator}`)) sent[name] = raw.slice(name.length + separator.length);
  }
  return envelope === undefined ? sent : { ...sent, ...envelope.seal(body).headers };
};
