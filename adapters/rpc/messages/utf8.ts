/** Bytes as text. */

import { isUtf8 } from "node:buffer";

/** A UTF-8 text; undefined where the bytes are none. */
export const utf8Text = (bytes: Buffer, start = 0, end = bytes.length): string | undefined => {
  const text = bytes.toString("utf8", start, end);
  // What is not UTF-8 decodes to U+FFFD, which is a character like any other where it was written.
  return text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end)) ? undefined : text;
};

/** Bytes that a UTF-8 sequence has, by its first byte (RFC 3629, section 3); 0 for what begins none. */
const sequenceLength = (first: number): number => {
  if (first >= 0xf0) return first < 0xf8 ? 4 : 0;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 0;
};

/** How many bytes at the end begin a character that the end cuts off: 0 to 3. */
export const cutCharacter = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
};

/** Control characters that no text has: all but tab, line feed, form feed and carriage return. */
const firstWritten = 0x20;
const blanks: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d]);

/** Whether bytes are text beyond doubt: UTF-8 without control characters. Numbers of chance and images are not. */
export const isWritten = (bytes: Buffer, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x7f || (byte < firstWritten && !blanks.has(byte))) return false;
  }
  return isUtf8(bytes.subarray(start, end));
};
