/** UTF-8 read from chunks that cut characters in two. */

import { isUtf8 } from "node:buffer";

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

/** What a chunk brings: text, or bytes that are none, from which on nothing is. */
export type Decoded = { readonly kind: "text"; readonly text: string } | { readonly kind: "bytes"; readonly bytes: Buffer };

/** Decodes one body. */
export class Utf8Decoder {
  #rest = nothing;

  push(chunk: Buffer): Decoded {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = endOfWhole(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) {
      this.#rest = nothing;
      return { kind: "bytes", bytes };
    }
    this.#rest = bytes.subarray(end);
    return { kind: "text", text: whole.toString("utf8") };
  }

  /** The beginning of a character that never came; empty where the body ended with a whole one. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = nothing;
    return rest;
  }
}
