/** Metadata on its way through: what the caller and the upstream tell each other passes, what is this gateway's business or another's does not (ARCHITECTURE.md 1.4, 1.9). */

import { connectionNamed, neverPasses } from "../shared/headers.ts";
import type { Metadata } from "./message.ts";

/** What only the gateway says: the session's id, and whether to try again. What frames RPCs is added by each protocol. */
const ownNames = new Set(["x-request-id", "x-should-retry"]);

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

const passes = (name: string): boolean => !neverPasses(name) && !ownNames.has(name) && !name.startsWith(":");

/** The metadata that passes, in order, repeated and `-bin` values among them. `rawHeaders`: names and values in turn; `framing`: names that are the protocol's own. */
export const passingMetadata = (rawHeaders: readonly string[], framing: ReadonlySet<string>): Metadata => {
  const connection = connectionNamed(rawHeaders);
  const passing: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!passes(name) || framing.has(name) || connection.has(name)) continue;
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
