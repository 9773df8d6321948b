/** What reviewers read, sealed in the database: masked, and still nobody else's business. */

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import type { RecordedText } from "../enforcement/ports.ts";

const algorithm = "aes-256-gcm";
const keyBytes = 32;
/** Random: far fewer requests wait for a person than the 2³² seals that NIST SP 800-38D section 8.3 allows. */
const nonceBytes = 12;
const tagBytes = 16;

/** Characters of all texts that a reviewer is shown; a longer request is shown cut. */
const mostCharacters = 256 * 1024;

/** One text as a reviewer reads it. */
export interface ShownText {
  readonly path: readonly (string | number)[];
  readonly author: string;
  readonly text: string;
}

const cutTo = (texts: readonly RecordedText[]): readonly ShownText[] => {
  let left = mostCharacters;
  return texts.flatMap(({ path, author, text }) => {
    if (left <= 0) return [];
    const shown = text.length <= left ? text : `${text.slice(0, left)}… [cut]`;
    left -= text.length;
    return [{ path, author, text: shown }];
  });
};

export class TextSealer {
  readonly #key: KeyObject;

  constructor(encryptionKey: Uint8Array) {
    this.#key = createSecretKey(new Uint8Array(hkdfSync("sha256", encryptionKey, "", "weir approval texts", keyBytes)));
  }

  /** Nonce, ciphertext and tag, bound to the approval's id. */
  seal(id: string, texts: readonly RecordedText[]): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(id));
    return Buffer.concat([nonce, cipher.update(JSON.stringify(cutTo(texts)), "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws when they were sealed under another key, or for another approval, or altered. */
  open(id: string, sealed: Buffer): readonly ShownText[] {
    const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(-tagBytes));
    const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as readonly ShownText[];
  }
}
