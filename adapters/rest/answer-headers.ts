/** Headers of REST answers: which pass, what becomes of them, and which are texts. */

import { lane } from "../../src/envelope/text.ts";
import { headerSeparator } from "./headers.ts";
import type { TextPart } from "./message.ts";

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
/** Limits of use, and CloudEvents (KServe). */
const answerPrefixes = ["x-ratelimit-", "ratelimit", "ce-"];

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

/** Where a redirect leads its caller; undefined: nowhere. */
export type Translation = (location: string) => string | undefined;

/** What bears on which headers pass, and how. */
export interface HeaderRules {
  readonly masked: boolean;
  readonly location: Translation;
}

/** An entity tag of text that was masked names other bytes than those sent: at most it is a weak one (RFC 9110 section 8.8.1). */
const weakened = (tag: string): string => (tag.startsWith("W/") ? tag : `W/${tag}`);

/** What stands in a `Link` header's brackets (RFC 8288 section 3). */
const linkTarget = /<([^<>]*)>/g;

const isSharing = (directive: string): boolean => /^(?:public|proxy-revalidate|s-maxage(?:=.*)?)$/i.test(directive);
const isUnshared = (directive: string): boolean => /^(?:private|no-store|no-cache)(?:=.*)?$/i.test(directive);

/** What is one caller's, masked by that caller's policies, is no shared cache's to keep (RFC 9111 section 5.2.2). */
const unshared = (value: string): string => {
  const directives = value.split(",").map((directive) => directive.trim());
  const kept = directives.filter((directive) => !isSharing(directive));
  return (kept.some(isUnshared) ? kept : ["private", ...kept]).join(", ");
};

/** What becomes of a value; undefined takes the header away. */
const edited = (name: string, value: string, { masked, location }: HeaderRules): string | undefined => {
  switch (name) {
    case "location":
    case "content-location":
      return location(value);
    case "link":
      return value.replace(linkTarget, (_, target: string) => `<${location(target) ?? ""}>`);
    case "cache-control":
      return unshared(value);
    case "etag":
      return masked ? weakened(value) : value;
  }
  return value;
};

/** The headers that pass, values of a repeated one in one list (RFC 9110 section 5.3). */
const passing = (rawHeaders: readonly string[], rules: HeaderRules): ReadonlyMap<string, string> => {
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!mayPass(name)) continue;
    const value = edited(name, rawHeaders[at + 1] ?? "", rules);
    if (value === undefined || value.length > longestValue) continue;
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return values;
};

/** A header as a text: with its name before it, as context for whoever looks at its value. */
const headerPart = (name: string, value: string): TextPart => {
  const text = `${name}${headerSeparator}${value}`;
  return { lane: lane(`header.${name}`), author: "data", syntax: "plain", path: ["header", name], writing: "header", text, raw: text };
};

/** An answer's headers, and those of them that are texts. */
export interface AnswerHeaders {
  readonly fixed: Readonly<Record<string, string>>;
  readonly texts: readonly TextPart[];
}

/** Reads an answer's headers. `rawHeaders`: names and values in turn, as they came. */
export const readAnswerHeaders = (rawHeaders: readonly string[], rules: HeaderRules): AnswerHeaders => {
  const fixed: Record<string, string> = {};
  const texts: TextPart[] = [];
  for (const [name, value] of passing(rawHeaders, rules)) {
    if (protocolWords.has(value.toLowerCase())) fixed[name] = value;
    else texts.push(headerPart(name, value));
  }
  return { fixed, texts };
};
