/** Sealing of small things that are kept in the database: AES-256-GCM under one key, with random nonces. */

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
/** Random: only for what is sealed far less often than the 2³² times that NIST SP 800-38D section 8.3 allows a key. */
const nonceBytes = 12;
const tagBytes = 16;

export class SealedBox {
  readonly #key: KeyObject;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** Nonce, ciphertext and tag, bound to `bound`. */
  seal(content: Uint8Array, bound: Uint8Array): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(bound);
    return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws when it was sealed under another key, bound to something else, or altered. */
  open(sealed: Buffer, bound: Uint8Array): Buffer {
    const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(bound).setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  }
}
