/** Names for states of the configuration that change whenever the state does. */

import { createHash, createHmac } from "node:crypto";

/** 64 bits: enough to tell a few thousand revisions of one installation apart. */
const digits = 16;

/** The same text for equal plain values, whatever the order of their keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** The revision of plain values without secrets. */
export const revisionOf = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex").slice(0, digits);

/** The revision of values with secrets among them: keyed, so that it tells nothing about them to who lacks the key. */
export const sealedRevisionOf = (value: unknown, key: string): string =>
  createHmac("sha256", Buffer.from(key, "base64")).update(canonical(value)).digest("hex").slice(0, digits);
