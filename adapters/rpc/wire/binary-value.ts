/** What `-bin` metadata hold (gRPC over HTTP2, "Binary-Header"): base64 of bytes, most often a protobuf message. */

/** The text of bytes nobody knows the form of: one character a byte, so that whatever is written in ASCII can be seen in it. */
export interface BinaryTexts {
  readonly texts: readonly string[];
  rewrite(texts: readonly string[]): string | undefined;
}

const decodeBase64 = (value: string): Buffer => Buffer.from(value, "base64");

/**
 * The texts of a binary value. Bytes that are UTF-8 are one text, and can be written anew. Other bytes are shown one character a byte: what is masked in them
 * cannot be put back, so a value in which anything had to be masked is left out as a whole.
 */
export const binaryTexts = (_name: string, value: string): BinaryTexts => {
  const bytes = decodeBase64(value);
  return { texts: [bytes.toString("latin1")], rewrite: () => undefined };
};
