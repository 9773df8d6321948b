import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyPathTable, JsonError, type JsonSink, JsonStream, walkJson } from "../../../src/envelope/json/index.ts";
import { brokenJson, writtenJson } from "../../support/written-json.ts";

const depth = 128;

/** What a stream told, as text; `strings` in the form in which a walk shows them. */
class Told implements JsonSink {
  readonly events: string[] = [];
  brokenAt: number | undefined;
  #text = "";
  #key = false;
  #start = 0;
  #scalar = 0;

  openString(start: number, key: boolean): void {
    this.#start = start;
    this.#key = key;
    this.#text = "";
  }
  characters(_start: number, text: string): void {
    this.#text += text;
  }
  escape(_start: number, _end: number, unit: number): void {
    this.#text += String.fromCharCode(unit);
  }
  closeString(end: number): void {
    this.events.push(`${this.#key ? "key" : "value"} ${this.#start}-${end} ${JSON.stringify(this.#text)}`);
  }
  openScalar(start: number): void {
    this.#scalar = start;
  }
  closeScalar(end: number): void {
    this.events.push(`value ${this.#scalar}-${end} undefined`);
  }
  enter(start: number): boolean {
    this.events.push(`enter ${start}`);
    return false;
  }
  leave(end: number): void {
    this.events.push(`leave ${end}`);
  }
  broken(at: number): void {
    this.brokenAt = at;
  }
}

const stream = (pieces: readonly string[], many = false): Told & { whole: boolean } => {
  const told = new Told();
  const tokens = new JsonStream(told, { table: emptyPathTable, depth, many });
  for (const piece of pieces) tokens.push(piece);
  return Object.assign(told, { whole: tokens.finish() });
};

const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
};

const walked = (text: string): { readonly events: string[]; readonly fault: JsonError | undefined } => {
  const events: string[] = [];
  try {
    walkJson(text, {
      key: (at) => events.push(`key ${at.start}-${at.end} ${JSON.stringify(at.string())}`),
      value: (at) => events.push(`value ${at.start}-${at.end} ${JSON.stringify(at.string())}`),
      enter: (at) => events.push(`enter ${at.start}`),
      leave: (at) => events.push(`leave ${at.end}`),
    });
    return { events, fault: undefined };
  } catch (thrown) {
    if (thrown instanceof JsonError) return { events, fault: thrown };
    throw thrown;
  }
};

describe("the tokenizer of streams", () => {
  it("tells of a valid text what the walk over the whole shows, however it is cut", () => {
    fc.assert(
      fc.property(writtenJson, fc.array(fc.nat(), { maxLength: 8 }), ({ text }, cuts) => {
        const told = stream(cutAt(text, cuts));
        expect(told.whole).toBe(true);
        expect(told.events).toEqual(walked(text).events);
      }),
      { numRuns: 1_500 },
    );
  });

  it("breaks where the walk finds its fault, and ends whole where it finds none", () => {
    fc.assert(
      fc.property(brokenJson, fc.array(fc.nat(), { maxLength: 4 }), (text, cuts) => {
        const { events, fault } = walked(text);
        if (fault?.problem === "duplicate-key") return;
        const told = stream(cutAt(text, cuts));
        expect(told.whole && told.brokenAt === undefined).toBe(fault === undefined);
        if (fault === undefined || fault.offset === text.length) return;
        expect(told.brokenAt).toBe(fault.offset);
        expect(told.events).toEqual(events);
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes values that follow one another for one text where it is told to", () => {
    const lines = '{"a":1}\n{"a":2}\n\n3 "x"[]';
    expect(stream([lines], true).whole).toBe(true);
    expect(stream([""], true).whole).toBe(true);
    expect(stream([lines]).brokenAt).toBe(8);
  });

  it("skips what is too deep, however deep, and goes on behind it", () => {
    const deep: number[] = [];
    const told = new (class extends Told {
      override enter(start: number, tooDeep = false): boolean {
        if (tooDeep) deep.push(start);
        return super.enter(start);
      }
    })();
    const tokens = new JsonStream(told, { table: emptyPathTable, depth: 2, many: false });
    tokens.push(`[[${"[".repeat(100_000)}"]"${"]".repeat(100_000)},1]]`);
    expect(tokens.finish()).toBe(true);
    expect(deep).toEqual([2]);
    expect(told.events.slice(-3)).toEqual(["value 200006-200007 undefined", "leave 200008", "leave 200009"]);
  });
});
