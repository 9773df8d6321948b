/** Metadata on its way through: what the caller and the upstream tell each other passes, what is this gateway's business or another's does not (ARCHITECTURE.md 1.4, 1.9). */

import type { Metadata } from "./message.ts";

/** Who the caller is, what frames a message (RFC 9110 section 7.6.1), and what means something to a gateway. What frames RPCs is added by each protocol. */
const never = new Set([
  "authorization",
  "api-key",
  "x-api-key",
  "x-goog-api-key",
  "www-authenticate",
  "cookie",
  "set-cookie",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "content-length",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
  "via",
  "forwarded",
  "x-request-id",
  "x-should-retry",
  "alt-svc",
]);
const neverPrefixes = [":", "weir-", "x-forwarded-", "proxy-", "sec-"];

/** Names that HTTP/2 takes only once (Node refuses a second value); of a repeated one the first passes. */
const single = new Set([
  "content-type",
  "user-agent",
  "content-encoding",
  "date",
  "etag",
  "from",
  "age",
  "referer",
  "last-modified",
  "expires",
]);

const named = (rawHeaders: readonly string[]): ReadonlySet<string> | undefined => {
  let names: Set<string> | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== "connection") continue;
    names ??= new Set();
    for (const name of (rawHeaders[at + 1] ?? "").split(",")) names.add(name.trim().toLowerCase());
  }
  return names;
};

const passes = (name: string): boolean => !never.has(name) && !neverPrefixes.some((prefix) => name.startsWith(prefix));

/** The metadata that passes, in order, repeated and `-bin` values among them. `rawHeaders`: names and values in turn; `framing`: names that are the protocol's own. */
export const passingMetadata = (rawHeaders: readonly string[], framing: ReadonlySet<string>): Metadata => {
  const connection = named(rawHeaders);
  const passing: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!passes(name) || framing.has(name) || connection?.has(name) === true) continue;
    if (single.has(name)) {
      if (seen.has(name)) continue;
      seen.add(name);
    }
    passing.push(name, rawHeaders[at + 1] ?? "");
  }
  return passing;
};

/** Metadata as an object of headers without a prototype, a repeated name with all its values. */
export const headersOf = (metadata: Metadata): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at + 1 < metadata.length; at += 2) {
    const name = metadata[at] ?? "";
    const value = metadata[at + 1] ?? "";
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (typeof known === "string") headers[name] = [known, value];
    else known.push(value);
  }
  return headers;
};

/** The first value of a name; undefined where there is none. */
export const metadataValue = (metadata: Metadata, wanted: string): string | undefined => {
  for (let at = 0; at + 1 < metadata.length; at += 2) if (metadata[at] === wanted) return metadata[at + 1];
  return undefined;
};
