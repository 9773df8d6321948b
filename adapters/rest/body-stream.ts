/** Streamed bodies: what the readers of each kind have in common, and the reader of bytes. */

import { createHash } from "node:crypto";
import type { StreamCodec } from "../../src/envelope/message.ts";
import { streamCodec } from "./codec.ts";
import { emptyMessage, type RestMessage } from "./message.ts";

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
  readonly codec = streamCodec(never);
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
