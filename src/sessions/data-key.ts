/** Keys that seal what is recorded: one per journal file, so one per process run and per 16 MiB, never used twice. */

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { derivedKey, keyBytes } from "../store/index.ts";
import type { MasterKey, SealedKey } from "./master-key.ts";

const algorithm = "aes-256-gcm";
const idBytes = 8;
const nonceBytes = 12;
const counterBytes = 8;

/** Bytes of an authentication tag. */
export const tagBytes = 16;

/** What sealing adds to a body: the nonce's counter in front, the tag behind. */
export const sealOverheadBytes = counterBytes + tagBytes;

/** A counter as GCM nonce: 96 bits, of which 53 count. Every key is fresh, so a counter never repeats under it. */
const nonceOf = (counter: number): Buffer => {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeBigUInt64BE(BigInt(counter), nonceBytes - counterBytes);
  return nonce;
};

/** One data key, opened: seals bodies of events and frames of its journal file, under two keys derived from it. */
export class DataKey {
  readonly sealed: SealedKey;
  readonly #bodies: KeyObject;
  readonly #frames: KeyObject;
  #count = 0;
  readonly #nonce = Buffer.alloc(nonceBytes);

  private constructor(sealed: SealedKey, key: Buffer) {
    this.sealed = sealed;
    this.#bodies = createSecretKey(derivedKey(key, "weir event bodies"));
    this.#frames = createSecretKey(derivedKey(key, "weir journal frames"));
  }

  /** A new key. */
  static make(master: MasterKey): DataKey {
    const key = randomBytes(keyBytes);
    return new DataKey(master.seal(randomBytes(idBytes).toString("hex"), key), key);
  }

  /** A key that was kept. INVARIANT: opens only; it never seals again, since how far its counter had come is not known. */
  static open(master: MasterKey, sealed: SealedKey): DataKey {
    return new DataKey(sealed, master.unseal(sealed));
  }

  get id(): string {
    return this.sealed.id;
  }

  /** Seals a text as the body of the event with this header, into `target` at `offset`; takes its UTF-8 bytes and {@link sealOverheadBytes}. */
  sealBody(text: string, header: Uint8Array, target: Buffer, offset: number): void {
    const count = ++this.#count;
    this.#nonce.writeUInt32BE(Math.floor(count / 2 ** 32), nonceBytes - counterBytes);
    this.#nonce.writeUInt32BE(count >>> 0, nonceBytes - 4);
    const cipher = createCipheriv(algorithm, this.#bodies, this.#nonce);
    cipher.setAAD(header);
    const sealed = cipher.update(text, "utf8");
    cipher.final();
    this.#nonce.copy(target, offset, nonceBytes - counterBytes);
    sealed.copy(target, offset + counterBytes);
    cipher.getAuthTag().copy(target, offset + counterBytes + sealed.length);
  }

  /** The text of a sealed body. Throws when body or header are not what was sealed. */
  openBody(body: Buffer, header: Uint8Array): string {
    const nonce = Buffer.alloc(nonceBytes);
    body.copy(nonce, nonceBytes - counterBytes, 0, counterBytes);
    const decipher = createDecipheriv(algorithm, this.#bodies, nonce, { authTagLength: tagBytes });
    decipher.setAAD(header).setAuthTag(body.subarray(-tagBytes));
    return Buffer.concat([decipher.update(body.subarray(counterBytes, -tagBytes)), decipher.final()]).toString("utf8");
  }

  /** Seals a frame; its number in the file is its nonce, so that frames cannot be moved. Returns ciphertext and tag. */
  sealFrame(number: number, head: Uint8Array, payload: Buffer): [Buffer, Buffer] {
    const cipher = createCipheriv(algorithm, this.#frames, nonceOf(number));
    cipher.setAAD(head);
    const sealed = cipher.update(payload);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }

  /** Opens a frame (ciphertext and tag); undefined when it is not whole. */
  openFrame(number: number, head: Uint8Array, sealed: Buffer): Buffer | undefined {
    try {
      const decipher = createDecipheriv(algorithm, this.#frames, nonceOf(number), { authTagLength: tagBytes });
      decipher.setAAD(head).setAuthTag(sealed.subarray(-tagBytes));
      const payload = decipher.update(sealed.subarray(0, -tagBytes));
      decipher.final();
      return payload;
    } catch {
      return undefined;
    }
  }
}
