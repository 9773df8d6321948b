import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lane } from "../../../src/envelope/text.ts";
import { type Piece, SegmentBuffer, segmentUnits, unpackSegment } from "../../../src/sessions/segment.ts";

const author = "assistant" as const;

/** Packs pieces the way a session does; returns what unpacking every segment gives. */
const roundTrip = (pieces: readonly Piece[]): { packed: string[]; unpacked: Piece[] } => {
  const buffer = new SegmentBuffer();
  const packed: string[] = [];
  for (const piece of pieces) {
    for (let rest = piece.text; rest !== ""; ) {
      rest = buffer.add(piece.at, lane(piece.lane), author, rest);
      if (buffer.full) packed.push(buffer.take());
    }
  }
  if (!buffer.empty) packed.push(buffer.take());
  return { packed, unpacked: packed.flatMap(unpackSegment) };
};

/** Neighbours of one lane and one millisecond as one: how they were cut there is not recorded. */
const joined = (pieces: readonly Piece[]): Piece[] => {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last !== undefined && last.at === piece.at && last.lane === piece.lane)
      result[result.length - 1] = { ...last, text: last.text + piece.text };
    else result.push(piece);
  }
  return result;
};

const text = fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constant("\ud800"), fc.constant('\0\u2028"\\'));
const lanes = fc.constantFrom("choices.0.content", "choices.1.content", "choices.0.tool_calls.0.arguments", "__proto__");
const arrivals = fc
  .array(fc.record({ after: fc.oneof(fc.constant(0), fc.nat(3000)), lane: lanes, text }), { maxLength: 60 })
  .map((items) => {
    let at = 0;
    return items.map(({ after, ...rest }): Piece => {
      at += after;
      return { at, author, ...rest };
    });
  });

describe("packing pieces into segments", () => {
  it("keeps every piece's text, lane and time", () => {
    fc.assert(
      fc.property(arrivals, (pieces) => {
        expect(joined(roundTrip(pieces).unpacked)).toEqual(joined(pieces));
      }),
    );
  });

  it("keeps a segment's text within 64 KiB of UTF-16, however long a piece is, and never cuts a character", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(40_000), (count, extra) => {
        const long = `${"x".repeat(extra)}${"😀".repeat(segmentUnits)}`;
        const pieces = Array.from({ length: count }, (_, index): Piece => ({ at: index, lane: "a", author, text: long }));
        const { packed, unpacked } = roundTrip(pieces);
        expect(joined(unpacked)).toEqual(pieces);
        for (const segment of packed) {
          const texts = unpackSegment(segment).map((piece) => piece.text);
          expect(texts.join("").length).toBeLessThanOrEqual(segmentUnits);
          for (const piece of texts) expect(Buffer.from(piece, "utf8").toString("utf8")).toBe(piece);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("keeps times from going back when the clock does", () => {
    const { unpacked } = roundTrip([
      { at: 10, lane: "a", author, text: "one" },
      { at: 4, lane: "a", author, text: "two" },
      { at: 12, lane: "a", author, text: "three" },
    ]);
    expect(unpacked.map(({ at }) => at)).toEqual([10, 10, 12]);
  });
});
