import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSplitter, endOfEvent, eventLines } from "../../adapters/shared/sse.ts";

const line = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...'data: é😀{}"x') }) },
  { weight: 1, arbitrary: fc.constantFrom("", ":", "data", "event: message", "retry: 10", "id:") },
);
const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");
const stream = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 24 })
  .chain((lines) => fc.constantFrom("\n", "\r\n", "\r", undefined).map((end) => lines.map(([text, own]) => text + (end ?? own)).join("")));

const split = (chunks: readonly Buffer[]): { events: string[]; rest: string } => {
  const splitter = new EventSplitter();
  const events: string[] = [];
  for (const chunk of chunks) {
    const text = splitter.push(chunk);
    for (let at = 0; at < text.length; ) {
      const end = endOfEvent(text, at, text.includes("\r"));
      events.push(text.slice(at, end));
      at = end;
    }
  }
  return { events, rest: splitter.rest() };
};

const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

/** The events as WHATWG HTML section 9.2.6 dispatches them: the lines before each blank line. */
const dispatched = (text: string): string[][] => {
  const events: string[][] = [];
  let lines: string[] = [];
  for (const each of text.split(/\r\n|\r|\n/).slice(0, -1)) {
    if (each !== "") lines.push(each);
    else if (lines.length > 0) {
      events.push(lines);
      lines = [];
    }
  }
  return events;
};

const linesOf = (event: string): string[] => eventLines(event).map(({ start, end }) => event.slice(start, end));

describe("cutting an event stream", () => {
  it("loses and changes no byte, wherever it is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        const { events, rest } = split(cutAt(Buffer.from(text), cuts));
        expect(events.join("") + rest).toBe(text);
      }),
    );
  });

  it("finds the events that a browser would, wherever it is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        const { events } = split(cutAt(Buffer.from(text), cuts));
        expect(events.map(linesOf).filter((lines) => lines.length > 0)).toEqual(dispatched(text));
      }),
    );
  });

  it("gives an event as soon as its blank line has come, byte by byte", () => {
    const splitter = new EventSplitter();
    const given = Array.from(Buffer.from("data: é\n\ndata: x\r\n\r\n"), (byte) => splitter.push(Buffer.from([byte])));
    expect(given.filter((text) => text !== "")).toEqual(["data: é\n\n", "data: x\r\n\r"]);
  });

  it("takes a byte order mark off the stream's beginning, and off no other place", () => {
    expect(split([Buffer.from("\ufeffdata: 1\n\n"), Buffer.from("\ufeffdata: 2\n\n")]).events).toEqual([
      "data: 1\n\n",
      "\ufeffdata: 2\n\n",
    ]);
  });

  it("refuses an event that is too large, however slowly it comes", () => {
    const splitter = new EventSplitter(100);
    expect(() => {
      for (let count = 0; count < 200; count++) splitter.push(Buffer.from("x"));
    }).toThrow(expect.objectContaining({ reason: "upstream_invalid" }));
  });
});
