/** Messages that are a whole body (Connect unary): no frame around them, and compressed as HTTP says (`content-encoding`). */

import { deflateSync, gzipSync } from "node:zlib";
import { compressedFlag, type Frame } from "./frame.ts";

const isCoded = (coding: string | undefined): boolean => coding !== undefined && coding !== "" && coding !== "identity";

/** A body in the place of a frame. */
export const bareFrame = (body: Buffer, coding: string | undefined): Frame => ({
  flags: isCoded(coding) ? compressedFlag : 0,
  payload: body,
  wire: body,
});

/** Makes the body of a message that was written anew, under the coding that the head announces. */
export const bareFrames =
  (coding: string | undefined) =>
  (message: Uint8Array): Frame => {
    switch (coding) {
      case "gzip":
        return bareFrame(gzipSync(message), coding);
      case "deflate":
        return bareFrame(deflateSync(message), coding);
      default:
        return bareFrame(Buffer.from(message.buffer, message.byteOffset, message.byteLength), undefined);
    }
  };
