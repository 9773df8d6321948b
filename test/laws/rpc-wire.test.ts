/** The wire forms of RPC, however their bytes are cut: what is found does not depend on it, and what is written is read back. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Base64Decoder, Base64Encoder } from "../../adapters/rpc/wire/base64-stream.ts";
import { opaqueTexts, possibleTexts } from "../../adapters/rpc/wire/binary-value.ts";
import { formatConnectEnd, readConnectEnd } from "../../adapters/rpc/wire/connect-failure.ts";
import { formatConnectQuery, readConnectQuery } from "../../adapters/rpc/wire/connect-get.ts";
import { type Frame, FrameReader, frameOf } from "../../adapters/rpc/wire/frame.ts";
import { FrameWalker } from "../../adapters/rpc/wire/frame-walk.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "../../adapters/rpc/wire/percent.ts";
import { formatGrpcTimeout, parseGrpcTimeout } from "../../adapters/rpc/wire/timeout.ts";
import { formatWebTrailers, parseWebTrailers } from "../../adapters/rpc/wire/web-trailers.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const frames = fc.array(fc.tuple(fc.constantFrom(0, 1), bytes), { maxLength: 8 });

/** A buffer in pieces, some of them empty. */
const cut = (whole: Buffer, at: readonly number[]): Buffer[] => {
  const offsets = [0, ...at.map((one) => one % (whole.length + 1)).toSorted((one, other) => one - other), whole.length];
  return offsets.slice(1).map((end, index) => whole.subarray(offsets[index], end));
};
const cuts = fc.array(fc.nat(), { maxLength: 12 });

const limits = { messageBytes: 1_000, tooLarge: () => new Error("too large") };

describe("frames", () => {
  it("are the same, however their bytes are cut", () => {
    fc.assert(
      fc.property(frames, cuts, (given, at) => {
        const wire = Buffer.concat(given.map(([flags, payload]) => frameOf(flags, payload).wire));
        const found: Frame[] = [];
        const reader = new FrameReader(limits);
        for (const piece of cut(wire, at)) reader.push(piece, (frame) => found.push(frame));
        expect(found.map(({ flags, payload }) => [flags, Buffer.from(payload)])).toEqual(given);
        expect(Buffer.concat(found.map((frame) => frame.wire))).toEqual(wire);
        expect(reader.partial).toBe(false);
      }),
    );
  });

  it("are partial until their last byte", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (payload, pick) => {
        const { wire } = frameOf(0, payload);
        const reader = new FrameReader(limits);
        const until = 1 + (pick % Math.max(1, wire.length - 1));
        reader.push(wire.subarray(0, until), () => expect(until).toBe(wire.length));
        expect(reader.partial).toBe(until < wire.length);
      }),
    );
  });

  it("beyond the limit are refused by their prefix alone", () => {
    const prefix = Buffer.from([0, 0, 0, 3, 0xe9]);
    expect(() => new FrameReader(limits).push(prefix, () => {})).toThrow("too large");
    const huge = Buffer.from([0x80, 0xff, 0xff, 0xff, 0xff]);
    const sink = { bytes: () => {}, special: () => {} };
    expect(() => new FrameWalker(0x80, limits).push(huge, sink)).toThrow("too large");
  });

  it("are walked along without a byte lost, and the special one is found", () => {
    fc.assert(
      fc.property(frames, bytes, cuts, (given, last, at) => {
        const messages = Buffer.concat(given.map(([flags, payload]) => frameOf(flags, payload).wire));
        const passed: Buffer[] = [];
        const special: Buffer[] = [];
        const walker = new FrameWalker(0x80, limits);
        const sink = { bytes: (piece: Buffer) => passed.push(piece), special: ({ payload }: Frame) => special.push(payload) };
        for (const piece of cut(Buffer.concat([messages, frameOf(0x80, last).wire]), at)) walker.push(piece, sink);
        expect([Buffer.concat(passed), special]).toEqual([messages, [last]]);
        expect(walker.partial).toBe(false);
      }),
    );
  });
});

describe("text mode", () => {
  it("is read back, in one run or in several padded ones, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), cuts, (runs, at) => {
        const decoder = new Base64Decoder();
        const wire = Buffer.from(runs.map((run) => run.toString("base64")).join(""));
        expect(Buffer.concat(cut(wire, at).map((piece) => decoder.push(piece)))).toEqual(Buffer.concat(runs));
        expect(decoder.partial).toBe(false);
      }),
    );
  });

  it("is written as one run", () => {
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        const encoder = new Base64Encoder();
        const written = pieces.map((piece) => encoder.push(piece)).join("") + encoder.end();
        expect(written).toBe(Buffer.concat(pieces).toString("base64"));
      }),
    );
  });
});

describe("status and metadata", () => {
  const text = fc.string({ unit: "grapheme" });

  it("bear any message", () => {
    fc.assert(
      fc.property(text, (said) => {
        const written = encodeGrpcMessage(said);
        expect(written).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeGrpcMessage(written)).toBe(said);
      }),
    );
  });

  it("take what is no escape for itself", () => {
    expect(decodeGrpcMessage("100% of %zz %4")).toBe("100% of %zz %4");
  });

  it("never give a call more time than its caller did", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (ms) => {
        const within = parseGrpcTimeout(formatGrpcTimeout(ms)) ?? Number.NaN;
        expect(within).toBeLessThanOrEqual(ms);
        expect(within).toBeGreaterThan(Math.min(ms * 0.99, 99_000_000_000) - 1_000);
      }),
    );
    for (const none of ["", "5", "m", "123456789m", "-1m", "1.5S", "1x"]) expect(parseGrpcTimeout(none)).toBeUndefined();
  });

  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const metadata = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => pairs.flat());

  it("are read back from gRPC-Web's trailers", () => {
    fc.assert(
      fc.property(metadata, (given) => {
        expect(parseWebTrailers(formatWebTrailers(given))).toEqual(given);
      }),
    );
  });

  it("are read back from Connect's last message", () => {
    const failure = fc.record({
      code: fc.constantFrom("unknown", "internal", "data_loss" as const),
      message: fc.option(text, { nil: undefined }),
      details: fc.array(fc.record({ type: fc.constant("test.Text"), value: bytes.map((one) => one.toString("base64")) }), { maxLength: 3 }),
    });
    const sorted = (pairs: readonly string[]): string[] =>
      pairs.flatMap((one, at) => (at % 2 === 0 ? [`${one}=${pairs[at + 1]}`] : [])).toSorted();
    fc.assert(
      fc.property(fc.option(failure, { nil: undefined }), metadata, (failed, given) => {
        const read = readConnectEnd(formatConnectEnd({ failure: failed as never, metadata: given }));
        expect(read?.failure).toEqual(failed);
        expect(sorted(read?.metadata ?? [])).toEqual(sorted(given));
      }),
    );
  });

  it("stand in a query as they were", () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom("proto", "json"), fc.constantFrom(undefined, "gzip"), (message, codec, coding) => {
        const read = readConnectQuery(formatConnectQuery({ codec, coding }, message));
        expect([read.message, read.codec, read.coding]).toEqual([message, codec, coding]);
      }),
    );
    expect(() => readConnectQuery("encoding=json&message=%7B%7D&message=%7B%7D")).toThrow("query");
    expect(() => readConnectQuery("message=%7B%7D")).toThrow("query");
  });
});

describe("values of unknown form", () => {
  it("show every text of a message in them, on its own", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,60}$/), fc.integer({ min: 1, max: 15 }), (said, field) => {
        const inner = Buffer.concat([Buffer.from([field * 8 + 2, said.length]), Buffer.from(said)]);
        const outer = Buffer.concat([Buffer.from([0x12, inner.length]), inner]);
        expect(possibleTexts(outer)).toContain(said);
      }),
    );
  });

  it("are never edited", () => {
    const { texts, rewrite } = opaqueTexts("AAECAw==");
    expect(rewrite(texts.map(() => "x"))).toBeUndefined();
  });
});
