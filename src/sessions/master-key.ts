/** The key that seals data keys: the gateway's `encryptionKey`. */

import { createHash } from "node:crypto";
import { keyBytes, SealedBox } from "../store/index.ts";

const idBytes = 8;

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

/** Seals data keys, bound to their ids: one for each journal file, which is seldom enough for a {@link SealedBox}. */
export class MasterKey {
  /** Names the key without telling anything of it. */
  readonly id: string;
  readonly #box: SealedBox;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== keyBytes) throw new Error(`encryptionKey must be ${keyBytes} bytes, not ${key.length}`);
    this.id = createHash("sha256")
      .update("weir encryptionKey id\0")
      .update(key)
      .digest("hex")
      .slice(0, 2 * idBytes);
    this.#box = new SealedBox(key);
  }

  seal(id: string, dataKey: Buffer): SealedKey {
    return { id, masterKey: this.id, sealed: this.#box.seal(dataKey, Buffer.from(id)), createdAt: Date.now() };
  }

  /** Throws {@link KeyMismatchError} when the key is not ours or not as it was. */
  unseal({ id, masterKey, sealed }: SealedKey): Buffer {
    try {
      return this.#box.open(sealed, Buffer.from(id));
    } catch (thrown) {
      throw Object.assign(new KeyMismatchError(masterKey, this.id), { cause: thrown });
    }
  }
}
