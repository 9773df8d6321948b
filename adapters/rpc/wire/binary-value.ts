/**
 * The text in values whose form is not known: what `-bin` metadata and error details hold (gRPC over HTTP2, "Binary-Header"), most often a protobuf message.
 * They are looked at, never edited: a value in which anything had to be masked is left out as a whole.
 */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** The texts of one value, and the value with others in their place; undefined: it cannot be kept. */
export interface ValueTexts {
  readonly texts: readonly string[];
  rewrite(texts: readonly string[]): string | undefined;
}

/** Messages nested deeper, and fields beyond so many, are seen in the text of the whole only. */
const deepest = 6;
const mostFields = 256;

/** One character a byte where the bytes are not UTF-8, so that whatever is written in ASCII can be seen in them. */
const textOf = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return text.includes("\uFFFD") ? buffer.toString("latin1") : text;
};

/** The length-delimited fields of a message; undefined where the bytes are none. */
const fieldsOf = (bytes: Uint8Array): readonly Uint8Array[] | undefined => {
  const fields: Uint8Array[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [, wireType] = reader.tag();
      if (wireType === WireType.LengthDelimited) fields.push(reader.bytes());
      else if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) return undefined;
      else reader.skip(wireType);
      if (fields.length > mostFields) return undefined;
    }
  } catch {
    return undefined;
  }
  return fields;
};

const addTexts = (bytes: Uint8Array, depth: number, texts: string[]): void => {
  if (bytes.length > 0) texts.push(textOf(bytes));
  if (depth < deepest && texts.length < mostFields) for (const field of fieldsOf(bytes) ?? []) addTexts(field, depth + 1, texts);
};

/**
 * Everything that could be a text in the bytes: the whole, and each field on each reading of them as a message, because a field's length may stand before its
 * text as one more letter of it.
 */
export const possibleTexts = (bytes: Uint8Array): readonly string[] => {
  const texts: string[] = [];
  addTexts(bytes, 0, texts);
  return texts;
};

/** The texts of bytes in base64; several values of one name may stand in it, with commas between them. */
export const opaqueTexts = (value: string): ValueTexts => ({
  texts: value.split(",").flatMap((one) => possibleTexts(Buffer.from(one, "base64"))),
  rewrite: () => undefined,
});

/** `google.rpc.Status` (google/rpc/status.proto): code, message, and details as `google.protobuf.Any`. */
interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Uint8Array[];
}

const readStatus = (bytes: Uint8Array): RpcStatus | undefined => {
  let code = 0;
  let message = "";
  const details: Uint8Array[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1 && wireType === WireType.Varint) code = reader.int32();
      else if (field === 2 && wireType === WireType.LengthDelimited) message = textOf(reader.bytes());
      else if (field === 3 && wireType === WireType.LengthDelimited) details.push(reader.bytes());
      else return undefined;
    }
  } catch {
    return undefined;
  }
  return { code, message, details };
};

const writeStatus = ({ code, message, details }: RpcStatus): string => {
  const writer = new BinaryWriter();
  if (code !== 0) writer.tag(1, WireType.Varint).int32(code);
  if (message !== "") writer.tag(2, WireType.LengthDelimited).string(message);
  for (const detail of details) writer.tag(3, WireType.LengthDelimited).bytes(detail);
  return Buffer.from(writer.finish()).toString("base64").replace(/=+$/, "");
};

/** The texts of `grpc-status-details-bin`: its message is edited, a detail in which anything had to be masked is left out. */
export const statusTexts = (value: string): ValueTexts => {
  const status = readStatus(Buffer.from(value, "base64"));
  if (status === undefined) return opaqueTexts(value);
  const details = status.details.map(possibleTexts);
  return {
    texts: [status.message, ...details.flat()],
    rewrite: ([message = "", ...texts]) => {
      let from = 0;
      const kept = status.details.filter((_, index) => {
        const own = details[index] ?? [];
        const same = own.every((text, at) => texts[from + at] === text);
        from += own.length;
        return same;
      });
      return writeStatus({ code: status.code, message, details: kept });
    },
  };
};
