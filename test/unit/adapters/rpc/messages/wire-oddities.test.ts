import { describe, expect, it } from "vitest";
import type { ReadMessage } from "../../../../../adapters/rpc/messages/index.ts";
import { ConnectionMessages } from "../../../../../adapters/rpc/messages/index.ts";
import { chatProto, connectionWith, nobody } from "../../../../support/model-servers.ts";

const messages = new ConnectionMessages(nobody);
const connection = connectionWith({ source: { kind: "proto", paths: [chatProto.path], roots: chatProto.roots }, join: [] });
await messages.prepare([connection]);
const method = messages.method(connection, "demo.v1.Chat", "Ask");

/** A Question: model, prompt, max_tokens, context. */
const question = (bytes: Uint8Array): ReadMessage => {
  if (method === undefined) throw new Error("the descriptors have no method");
  return method.request.open("proto").read(bytes);
};

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const texts = (read: ReadMessage): readonly string[] => read.spans.map(({ text }) => text);
const upper = (read: ReadMessage): Buffer => Buffer.from(read.rewrite(texts(read).map((text) => text.toUpperCase().repeat(2))));

describe("unusual protobuf", () => {
  it("keeps lengths that are written longer than need be, and mends them where their text changes", () => {
    const padded = hex("0a 83 00 61 62 63  12 81 80 00 64");
    const read = question(padded);
    expect(texts(read)).toEqual(["abc", "d"]);
    expect(Buffer.from(read.rewrite(["abc", "dd"]))).toEqual(hex("0a 83 00 61 62 63  12 02 64 64"));
  });

  it("shows every copy of a field that stands more than once, though decoders take the last, each on a lane of its own", () => {
    const read = question(hex("12 01 61  12 01 62"));
    expect(texts(read)).toEqual(["a", "b"]);
    expect(new Set(read.spans.map(({ lane }) => lane)).size).toBe(2);
    expect(upper(read)).toEqual(hex("12 02 41 41  12 02 42 42"));
  });

  it("names both models where a message names two", () => {
    expect(question(hex("0a 01 61  0a 01 62")).models).toEqual(["a", "b"]);
  });

  it("grows the lengths around a text over the limit of one byte", () => {
    const inner = Buffer.concat([hex("0a 05 0a 01 6b 12 00")]);
    const read = question(Buffer.concat([hex("22"), Buffer.from([inner.length]), inner]));
    expect(texts(read)).toEqual(["k"]);
    const long = Buffer.from(read.rewrite(["k".repeat(200)]));
    expect(texts(question(long))).toEqual(["k".repeat(200)]);
  });

  it.each([
    ["a text that is not UTF-8", "12 02 c3 28"],
    ["a field number of 0", "02 01 61"],
    ["a length past the end", "12 05 61"],
    ["a group that never ends", "2b 12 01 61"],
    ["an end of a group that never began", "2c"],
    ["a wire type that does not exist", "16"],
    ["a field of another wire type than its own", "10 01"],
    ["a varint that never ends", "18 ff ff ff ff ff ff ff ff ff ff ff"],
    ["a length of more than 32 bits", "12 80 80 80 80 80 00"],
    ["a tag cut off", "92"],
  ])("cannot be read where it has %s", (_what, bytes) => {
    const read = question(hex(bytes));
    expect([read.visibility, read.spans]).toEqual(["none", []]);
    expect(read.rewrite([])).toBe(read.bytes);
  });

  it("cannot be read past a hundred messages within messages", () => {
    // google.protobuf.Value.list_value and ListValue.values in turn.
    let nested = Buffer.alloc(0);
    for (let depth = 0; depth < 60; depth++) {
      const list = Buffer.concat([hex("0a"), lengthOf(nested), nested]);
      nested = Buffer.concat([hex("32"), lengthOf(list), list]);
    }
    const entry = Buffer.concat([hex("0a 01 6b 12"), lengthOf(nested), nested]);
    const struct = Buffer.concat([hex("0a"), lengthOf(entry), entry]);
    expect(question(Buffer.concat([hex("22"), lengthOf(struct), struct])).visibility).toBe("none");
  });
});

const lengthOf = ({ length }: Buffer): Buffer => (length < 128 ? Buffer.from([length]) : Buffer.from([(length & 127) | 128, length >> 7]));

describe("fields that no descriptor names", () => {
  it("go on byte for byte, numbers without a word", () => {
    const bytes = hex("12 01 61  f8 07 05  f9 07 00 00 00 00 00 00 00 00  fd 07 00 00 00 00");
    const read = question(bytes);
    expect([read.visibility, texts(read)]).toEqual(["whole", ["a"]]);
    expect(upper(read)).toEqual(Buffer.concat([hex("12 02 41 41"), bytes.subarray(3)]));
  });

  it("are shown as far as they can be guessed, and make the message one that is not read as a whole", () => {
    const read = question(Buffer.concat([hex("fa 07 05"), Buffer.from("token")]));
    expect([read.visibility, texts(read)]).toEqual(["partial", ["token"]]);
    expect(upper(read)).toEqual(Buffer.concat([hex("fa 07 0a"), Buffer.from("TOKENTOKEN")]));
  });

  it("are taken for messages where they begin like one: the lengths inside are mended too", () => {
    const read = question(hex("fa 07 05  0a 03 61 62 63"));
    expect(texts(read)).toEqual(["abc"]);
    expect(upper(read)).toEqual(hex("fa 07 08  0a 06 41 42 43 41 42 43"));
  });

  it("are looked into where they are groups", () => {
    const read = question(hex("fb 07  0a 03 61 62 63  fc 07"));
    expect([read.visibility, texts(read)]).toEqual(["partial", ["abc"]]);
  });

  it("go on as they are where they are neither text nor message", () => {
    const bytes = hex("fa 07 03 ff fe fd");
    const read = question(bytes);
    expect([read.visibility, texts(read)]).toEqual(["partial", []]);
    expect(Buffer.from(read.rewrite([]))).toEqual(bytes);
  });
});

describe("bytes that are no text", () => {
  const answer = (audio: Buffer): ReadMessage => {
    if (method === undefined) throw new Error("the descriptors have no method");
    const delta = Buffer.concat([hex("12"), lengthOf(audio), audio]);
    const choice = Buffer.concat([hex("0a"), lengthOf(delta), delta]);
    return method.response.open("proto").read(Buffer.concat([hex("0a"), lengthOf(choice), choice]));
  };

  it("show the runs of characters in them, which are masked, and make the message one that is not read as a whole", () => {
    const read = answer(Buffer.concat([hex("ff d8"), Buffer.from("ann@example.com"), hex("00 ff"), Buffer.from("short"), hex("fe")]));
    expect([read.visibility, texts(read)]).toEqual(["partial", ["ann@example.com"]]);
    const masked = answer(Buffer.concat([hex("ff d8"), Buffer.from("[EMAIL]"), hex("00 ff"), Buffer.from("short"), hex("fe")]));
    expect(Buffer.from(read.rewrite(["[EMAIL]"]))).toEqual(masked.bytes);
  });
});

describe("keys of maps", () => {
  it("stay apart where they are masked alike, so that no entry is lost", () => {
    const entry = (key: string) =>
      Buffer.concat([hex("0a"), Buffer.from([key.length + 4]), hex("0a"), Buffer.from([key.length]), Buffer.from(key), hex("12 00")]);
    const struct = Buffer.concat([entry("ann"), entry("[X]"), entry("bob")]);
    const read = question(Buffer.concat([hex("22"), lengthOf(struct), struct]));
    expect(texts(read)).toEqual(["ann", "[X]", "bob"]);
    expect(texts(question(read.rewrite(["[X]", "[X]", "[X]"])))).toEqual(["[X] 2", "[X]", "[X] 3"]);
  });
});
