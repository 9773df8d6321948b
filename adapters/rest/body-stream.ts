/** Streamed bodies: what the readers of each kind have in common, and the reader of bytes. */

import { createHash } from "node:crypto";
import type { StreamCodec } from "../../src/envelope/message.ts";
import { streamCodec } from "./codec.ts";
import { emptyMessage, type RestMessage } from "./message.ts";
import { TextCutter } from "./utf8.ts";

/** Reads one streamed body. Messages come in the order of the bytes; written one after the other they are the body. */
export interface BodyStream {
  /** Puts what a chunk brings into `out`. Throws `upstream_invalid`. */
  push(chunk: Buffer, out: RestMessage[]): void;
  /** The body has come to its end. */
  end(out: RestMessage[]): void;
  readonly codec: StreamCodec<RestMessage>;
}

const never = (): never => {
  throw new TypeError("a body that is not read holds no text back");
};

/** Passes bytes that nobody reads, and tells their digest at the end. */
export class ByteStream implements BodyStream {
  readonly codec = streamCodec(never, "loose");
  readonly #hash = createHash("sha256");
  #bytes = 0;

  push(chunk: Buffer, out: RestMessage[]): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    out.push({ ...emptyMessage, body: [chunk], whole: chunk, visibility: "none" });
  }

  end(out: RestMessage[]): void {
    if (this.#bytes === 0) return;
    const unread = { sha256: this.#hash.digest("hex"), bytes: this.#bytes };
    out.push({ ...emptyMessage, visibility: "none", unread });
  }
}

/** How text is read whose characters are whole. */
export interface TextReader {
  readonly codec: StreamCodec<RestMessage>;
  /** Takes more of the text. */
  read(text: Buffer, out: RestMessage[]): void;
  /** Ends every text that is open. `complete`: the body has come to its end, and not only what of it is text. */
  close(complete: boolean, out: RestMessage[]): void;
}

/** States: text → bytes, from the first bytes on that are no text; then nothing is read any more, and the reader is done. */
export class TextBody implements BodyStream {
  readonly codec: StreamCodec<RestMessage>;
  readonly #reader: TextReader;
  readonly #cutter = new TextCutter();
  #bytes: ByteStream | undefined;

  constructor(reader: TextReader) {
    this.#reader = reader;
    this.codec = reader.codec;
  }

  push(chunk: Buffer, out: RestMessage[]): void {
    if (this.#bytes !== undefined) {
      this.#bytes.push(chunk, out);
      return;
    }
    const { text, bytes } = this.#cutter.push(chunk);
    if (text.length > 0) this.#reader.read(text, out);
    if (bytes !== undefined) this.#giveUp(bytes, out);
  }

  end(out: RestMessage[]): void {
    const rest = this.#cutter.end();
    if (rest.length > 0) this.#giveUp(rest, out);
    if (this.#bytes === undefined) this.#reader.close(true, out);
    else this.#bytes.end(out);
  }

  #giveUp(bytes: Buffer, out: RestMessage[]): void {
    this.#reader.close(false, out);
    this.#bytes = new ByteStream();
    this.#bytes.push(bytes, out);
  }
}
