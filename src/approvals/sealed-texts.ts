/** What reviewers read, sealed in the database: masked, and still nobody else's business. */

import type { RecordedText } from "../enforcement/ports.ts";
import { derivedKey, SealedBox } from "../store/index.ts";

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
  readonly #box: SealedBox;

  constructor(encryptionKey: Uint8Array) {
    this.#box = new SealedBox(derivedKey(encryptionKey, "weir approval texts"));
  }

  /** Bound to the approval's id. */
  seal(id: string, texts: readonly RecordedText[]): Buffer {
    return this.#box.seal(Buffer.from(JSON.stringify(cutTo(texts))), Buffer.from(id));
  }

  /** Throws when they were sealed under another key, or for another approval, or altered. */
  open(id: string, sealed: Buffer): readonly ShownText[] {
    return JSON.parse(this.#box.open(sealed, Buffer.from(id)).toString("utf8")) as readonly ShownText[];
  }
}
