/** Keys made of another: one for each purpose, so that none serves two (RFC 5869). */

import { hkdfSync } from "node:crypto";

/** Bytes of a key. */
export const keyBytes = 32;

/** 32 bytes; the same for the same key and purpose. What is kept was made with them: a purpose's words never change. */
export const derivedKey = (key: Uint8Array, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", purpose, keyBytes));
