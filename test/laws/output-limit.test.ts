import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { OutputMeter } from "../../src/enforcement/output-limit.ts";
import type { TokenCounter } from "../../src/enforcement/ports.ts";
import { lane } from "../../src/envelope/text.ts";
import { loadTokenCounter } from "../../src/tokens/index.ts";
import { cutAt } from "../support/cuts.ts";

let counter: TokenCounter;
beforeAll(async () => {
  counter = await loadTokenCounter();
});

const prose = fc
  .array(
    fc.constantFrom(
      "The",
      "weir",
      "holds",
      "unbelievably",
      "extraordinary,",
      "water.",
      "It's",
      "a",
      "42",
      "1,234.56",
      "naïve",
      "日本語",
      "😀",
      "\n\n",
    ),
    {
      maxLength: 60,
    },
  )
  .map((words) => words.join(" "));

const met: { count: number } = { count: 0 };
const meterOf = (limit: number) => new OutputMeter({ limit, counter, prompt: () => 3, met: () => (met.count += 1) });

const said = (limit: number, chunks: readonly string[]) => {
  const meter = meterOf(limit);
  return { text: chunks.map((chunk) => meter.take(lane("a"), chunk)).join(""), meter };
};

describe("a limit of output tokens", () => {
  it("lets through a beginning of the text, of no more tokens than allowed, and all of a text of which no beginning that came had more", () => {
    fc.assert(
      fc.property(prose, fc.array(fc.nat(400)), fc.integer({ min: 1, max: 80 }), (text, cuts, limit) => {
        const { text: got, meter } = said(limit, cutAt(text, cuts));
        expect(text.startsWith(got)).toBe(true);
        expect(counter.count([got])).toBeLessThanOrEqual(limit);
        expect(meter.usage).toEqual({ input: 3, output: counter.count([got]) });
        expect(meter.reached).toBe(got !== text);
        const chunks = cutAt(text, cuts);
        const prefixes = chunks.map((_, index) => counter.count([chunks.slice(0, index + 1).join("")]));
        if (prefixes.every((tokens) => tokens <= limit)) expect(got).toBe(text);
      }),
    );
  });

  it("cuts a text that comes at once where it cuts one that comes token by token, give or take what a word is cut into", () => {
    fc.assert(
      fc.property(prose, fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const once = said(limit, [text]).text;
        const slowly = said(limit, [...text]).text;
        expect(Math.abs(once.length - slowly.length)).toBeLessThanOrEqual(" unbelievably".length);
      }),
    );
  });

  it("counts all lanes together, tells once that there was enough, and lets nothing more through on any", () => {
    met.count = 0;
    const meter = meterOf(4);
    expect(meter.take(lane("a"), "one two")).toBe("one two");
    expect(meter.take(lane("b"), "three four five")).toBe("three four");
    expect(meter.take(lane("a"), " more")).toBe("");
    expect(meter.take(lane("c"), "more")).toBe("");
    expect(met.count).toBe(1);
  });

  it("parts no character, and does not wait for a word that never ends", () => {
    const { text } = said(5, ["😀".repeat(50)]);
    expect([...text].every((character) => character === "😀")).toBe(true);
    const long = said(1_000, ["a".repeat(200_000)]);
    expect(long.meter.reached).toBe(true);
  });
});
