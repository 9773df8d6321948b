/** Content codings undone, with the bytes that come out counted while they come (ARCHITECTURE.md 1.9). */

import type { Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** Content codings (RFC 9110 section 8.4.1) that are undone here. */
export type ContentCoding = "identity" | "gzip" | "deflate" | "br";

/** Reads a Content-Encoding; undefined for a coding that is not known, and for more than one. */
export const readContentCoding = (value: string | undefined): ContentCoding | undefined => {
  switch (value?.trim().toLowerCase()) {
    case undefined:
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    case "br":
      return "br";
  }
  return undefined;
};

const inflater = (coding: Exclude<ContentCoding, "identity">): Transform => {
  switch (coding) {
    case "gzip":
      return createGunzip({ flush: constants.Z_SYNC_FLUSH });
    case "deflate":
      return createInflate({ flush: constants.Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
  }
};

/** Feeds chunks as far as the inflater takes them. */
const feed = async (into: Transform, chunks: AsyncIterable<readonly Buffer[]>): Promise<void> => {
  try {
    for await (const batch of chunks) {
      for (const chunk of batch) {
        if (into.destroyed) return;
        if (!into.write(chunk)) await new Promise<void>((resolve) => into.once("drain", resolve).once("close", resolve));
      }
    }
    into.end();
  } catch (thrown) {
    into.destroy(thrown instanceof Error ? thrown : new Error("the coded body broke", { cause: thrown }));
  }
};

/**
 * The decoded body, chunk by chunk as it arrives; bytes are decoded no further than their reader asks for. Whoever reads bounds what comes out.
 * Throws what reading the coded bytes throws, and zlib's error for bytes that are not what their coding says or that end early.
 */
export async function* inflate(
  coded: AsyncIterable<readonly Buffer[]>,
  coding: Exclude<ContentCoding, "identity">,
): AsyncGenerator<readonly Buffer[]> {
  const decoder = inflater(coding);
  const feeding = feed(decoder, coded);
  try {
    for await (const chunk of decoder) yield [chunk];
    await feeding;
  } finally {
    decoder.destroy();
  }
}
