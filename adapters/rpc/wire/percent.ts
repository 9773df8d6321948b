/** The percent-encoding of `grpc-message` (gRPC over HTTP2, "Percent-Encoded"). */

/** Space to tilde, the percent sign apart. */
const unencoded = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e && byte !== 0x25;

const allUnencoded = /^[\x20-\x24\x26-\x7e]*$/;

export const encodeGrpcMessage = (text: string): string => {
  if (allUnencoded.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    encoded += unencoded(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
};

const hexPair = /^[0-9A-Fa-f]{2}$/;

/** The text; what is no valid escape stands for itself, as the specification asks. `value` holds one byte a character, as Node gives headers. */
export const decodeGrpcMessage = (value: string): string => {
  if (allUnencoded.test(value)) return value;
  const bytes = Buffer.alloc(value.length);
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    const pair = value.slice(at + 1, at + 3);
    const escaped = value[at] === "%" && hexPair.test(pair);
    bytes[length++] = escaped ? Number.parseInt(pair, 16) : value.charCodeAt(at);
    if (escaped) at += 2;
  }
  return bytes.toString("utf8", 0, length);
};
