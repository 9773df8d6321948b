/** Makes the strings that tokens are, and tells genuine ones from made-up ones without asking the database. */

import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { derivedKey } from "../../store/index.ts";

/** What every token begins with, so that scanners find leaked ones. */
const tokenPrefix = "weirt_";
/** 256 bits of chance; the tag only keeps made-up tokens away from the database. */
const secretBytes = 32;
const tagBytes = 8;

/** 40 bytes in base64url. */
const tokenForm = /^weirt_[A-Za-z0-9_-]{54}$/;

/** Whether a credential is written like a Weir token. */
export const looksLikeToken = (credential: string): boolean => tokenForm.test(credential);

/** SHA-256, as the database keeps it: 256 random bits need no salt. */
export const tokenHash = (token: string): Buffer => hash("sha256", token, "buffer");

export class TokenMint {
  readonly #key: Buffer;

  /** `encryptionKey`: the gateway's own, 32 bytes, the same in every replica. */
  constructor(encryptionKey: Uint8Array) {
    this.#key = derivedKey(encryptionKey, "weir token tags");
  }

  make(): string {
    const secret = randomBytes(secretBytes);
    return tokenPrefix + Buffer.concat([secret, this.#tagOf(secret)]).toString("base64url");
  }

  /** Whether this gateway made the token, or one with the same encryption key. It may have ended, or been taken away. */
  isGenuine(token: string): boolean {
    if (!looksLikeToken(token)) return false;
    const bytes = Buffer.from(token.slice(tokenPrefix.length), "base64url");
    return timingSafeEqual(bytes.subarray(secretBytes), this.#tagOf(bytes.subarray(0, secretBytes)));
  }

  #tagOf(secret: Uint8Array): Buffer {
    return createHmac("sha256", this.#key).update(secret).digest().subarray(0, tagBytes);
  }
}
