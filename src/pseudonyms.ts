/** What stands for a secret where a policy asks for a hash: the port through which policy, which is arithmetic, gets cryptography. */

import { createHmac, createSecretKey } from "node:crypto";
import type { KeyedHash } from "../policy/masking/index.ts";
import { derivedKey } from "./store/index.ts";

/**
 * A keyed hash of secrets: HMAC-SHA256 (RFC 2104) under a key derived (RFC 5869) from the gateway's own, so that replicas give one secret the same pseudonym,
 * and nobody without the key can test a guess. `encryptionKey`: base64 or bytes.
 */
export const pseudonyms = (encryptionKey: string | Uint8Array): KeyedHash => {
  const bytes = typeof encryptionKey === "string" ? Buffer.from(encryptionKey, "base64") : encryptionKey;
  const key = createSecretKey(derivedKey(bytes, "weir pseudonyms"));
  return (secret) => createHmac("sha256", key).update(secret).digest("hex");
};
