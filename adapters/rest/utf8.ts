/** Which bytes are text, and text read from chunks that cut characters in two. */

import { isUtf8 } from "node:buffer";

/**
 * Whether bytes are text: UTF-8 without NUL. What has NUL in it is text of another encoding (UTF-16 of plain letters is valid UTF-8 with a NUL beside each),
 * or none at all.
 */
export const isTextBytes = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

const byteOrderMark = "\ufeff";

/** A byte order mark at a text's beginning, and what follows it: a mark is no part of the text, but some readers want it. */
export const splitMark = (text: string): readonly [mark: string, text: string] =>
  text.startsWith(byteOrderMark) ? [byteOrderMark, text.slice(1)] : ["", text];

/** Bytes that the character beginning with this one has; 1 for what begins none. */
const lengthOf = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** Where the last character of `bytes` begins that is not whole; the length where all are. */
const endOfWhole = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOf(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
};

const nothing: Buffer = Buffer.alloc(0);

/** How many of these bytes are text: the same whatever follows them. */
const textLength = (bytes: Buffer): number => {
  let text = 0;
  let limit = bytes.length;
  while (text < limit) {
    const middle = Math.ceil((text + limit) / 2);
    if (isTextBytes(bytes.subarray(0, endOfWhole(bytes.subarray(0, middle))))) text = middle;
    else limit = middle - 1;
  }
  return endOfWhole(bytes.subarray(0, text));
};

/** What a chunk brings. */
export interface TextCut {
  /** Whole characters. */
  readonly text: Buffer;
  /** Bytes that are no text: from them on nothing is. */
  readonly bytes: Buffer | undefined;
}

/** Cuts one body's chunks at the ends of characters, and where text ends. */
export class TextCutter {
  #rest = nothing;

  push(chunk: Buffer): TextCut {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = endOfWhole(bytes);
    const whole = bytes.subarray(0, end);
    if (isTextBytes(whole)) {
      this.#rest = bytes.subarray(end);
      return { text: whole, bytes: undefined };
    }
    this.#rest = nothing;
    const length = textLength(whole);
    return { text: whole.subarray(0, length), bytes: bytes.subarray(length) };
  }

  /** The beginning of a character that never came; empty where the body ended with a whole one. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = nothing;
    return rest;
  }
}
