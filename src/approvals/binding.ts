/** What a yes is bound to: an HMAC of everything that makes a request the one it is (ARCHITECTURE.md 1.7). */

import { createHmac } from "node:crypto";
import type { ApprovalWish } from "../enforcement/ports.ts";
import { derivedKey } from "../store/index.ts";

const lengthBytes = 8;

/** `encryptionKey`: the gateway's own, the same in every replica and never in the database. */
export const bindingKey = (encryptionKey: Uint8Array): Buffer => derivedKey(encryptionKey, "weir approval bindings");

/** Every part behind its length, so that what is bound has one reading. */
const partsOf = ({ call, principal, connection, model, policyRevision, exact }: ApprovalWish): readonly (string | Uint8Array)[] => [
  principal.issuer,
  principal.subject,
  principal.grant?.id ?? "",
  connection.name,
  connection.revision,
  model === undefined ? "0" : `1${model}`,
  call.operation.name,
  policyRevision,
  ...exact,
];

/** 32 bytes; equal for equal requests under equal rules, and for nothing else. */
export const bindingOf = (key: Buffer, wish: ApprovalWish): Buffer => {
  const hmac = createHmac("sha256", key);
  for (const part of partsOf(wish)) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    const length = Buffer.alloc(lengthBytes);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hmac.update(length).update(bytes);
  }
  return hmac.digest();
};
