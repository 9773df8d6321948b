/** The key that seals data keys: the gateway's `encryptionKey`. */

import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const idBytes = 8;
const algorithm = "aes-256-gcm";

/** A data key cannot be unsealed: it was sealed under another `encryptionKey`, or it has been altered. */
export class KeyMismatchError extends Error {
  constructor(sealedUnder: string, have: string) {
    super(`sealed under encryptionKey ${sealedUnder}, but the one at hand is ${have}`);
    this.name = "KeyMismatchError";
  }
}

/** What is kept of a data key: harmless without the master key that `masterKey` names. */
export interface SealedKey {
  readonly id: string;
  readonly masterKey: string;
  /** Nonce, ciphertext and tag. */
  readonly sealed: Buffer;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Seals data keys with AES-256-GCM, bound to their ids. Nonces are random: one data key per journal file is far below the 2³² seals that
 * NIST SP 800-38D section 8.3 allows a key with random nonces.
 */
export class MasterKey {
  /** Names the key without telling anything of it. */
  readonly id: string;
  readonly #key: KeyObject;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== keyBytes) throw new Error(`encryptionKey must be ${keyBytes} bytes, not ${key.length}`);
    this.id = createHash("sha256")
      .update("weir encryptionKey id\0")
      .update(key)
      .digest("hex")
      .slice(0, 2 * idBytes);
    this.#key = createSecretKey(key);
  }

  seal(id: string, dataKey: Buffer): SealedKey {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(id));
    const sealed = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    return { id, masterKey: this.id, sealed, createdAt: Date.now() };
  }

  /** Throws {@link KeyMismatchError} when the key is not ours or not as it was. */
  unseal({ id, masterKey, sealed }: SealedKey): Buffer {
    try {
      const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(-tagBytes));
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch (thrown) {
      throw Object.assign(new KeyMismatchError(masterKey, this.id), { cause: thrown });
    }
  }
}
