/** Compression of single messages (gRPC "Compression"; Connect's `connect-content-encoding`), undone for reading within a limit. */

import { gunzipSync, inflateSync } from "node:zlib";
import { GatewayError } from "../../../src/envelope/error.ts";
import { compressedFlag, type Frame } from "./frame.ts";

/** The codings that messages can be read under. */
export const readableCodings: readonly string[] = ["identity", "gzip", "deflate"];

/** Whether messages of this coding can be read; none named is one that can. */
export const isReadable = (coding: string | undefined): boolean =>
  coding === undefined || coding === "" || readableCodings.includes(coding);

/** Of a list of accepted codings those that the gateway can read; `identity` where nothing is left. */
export const readableOf = (accepted: string): string => {
  const kept = accepted.split(",").flatMap((name) => (readableCodings.includes(name.trim()) ? [name.trim()] : []));
  return kept.length === 0 ? "identity" : kept.join(",");
};

export interface InflatingOptions {
  /** The coding of compressed messages as the metadata names it; undefined: none is named. */
  readonly coding: string | undefined;
  /** Bytes of one message, inflated. */
  readonly messageBytes: number;
  readonly tooLarge: () => Error;
  /** What a message is refused with that is compressed where no coding is named. */
  readonly codingMissing: () => Error;
  /** What a message that is not what its coding says is refused with. */
  readonly invalid: (cause: unknown) => Error;
}

const isTooLarge = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "ERR_BUFFER_TOO_LARGE";

/** Undoes the compression of one direction's messages. */
export class Inflating {
  readonly #options: InflatingOptions;

  constructor(options: InflatingOptions) {
    this.#options = options;
  }

  /** The message itself. Throws the options' errors. */
  inflate({ flags, payload }: Frame): Buffer {
    if ((flags & compressedFlag) === 0) return payload;
    const { messageBytes, tooLarge, invalid } = this.#options;
    try {
      return this.#decode(payload, messageBytes);
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      throw isTooLarge(thrown) ? tooLarge() : invalid(thrown);
    }
  }

  #decode(payload: Buffer, maxOutputLength: number): Buffer {
    switch (this.#options.coding) {
      case "gzip":
        return gunzipSync(payload, { maxOutputLength });
      case "deflate":
        return inflateSync(payload, { maxOutputLength });
      case "identity":
      case undefined:
        throw this.#options.codingMissing();
      default:
        throw new Error("a coding that is not known");
    }
  }
}
