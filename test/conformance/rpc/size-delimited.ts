/** Messages as connectconformance exchanges them with its programs: four bytes of length, most significant first, then the message. */

import type { Readable } from "node:stream";

const lengthBytes = 4;

/** Reads one message. Rejects when the stream ends before it is whole. */
export const readMessage = async (stream: Readable): Promise<Buffer> => {
  let bytes: Buffer = Buffer.alloc(0);
  // The stream stays open: what it is read for is one message.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
    if (bytes.length < lengthBytes) continue;
    const end = lengthBytes + bytes.readUInt32BE(0);
    if (bytes.length >= end) return bytes.subarray(lengthBytes, end);
  }
  throw new Error("the stream ended before a message was whole");
};

export const sizeDelimited = (message: Uint8Array): Buffer => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
};
