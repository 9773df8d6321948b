import { describe, expect, test } from "vitest";
import { catalogue } from "../../../../policy/catalogue/index.ts";
import { compile } from "../../../../policy/masking/index.ts";
import { readMarked } from "./marked.ts";

const whole = compile(catalogue);

describe.each(catalogue.map((entry) => [entry.name, entry] as const))("%s", (_name, entry) => {
  const alone = compile([entry]);

  test.each(entry.positive)("covers exactly what is marked in %j", (example) => {
    const { text, covered } = readMarked(example);
    expect(alone.spans(text).map(({ start, end }) => text.slice(start, end))).toEqual(covered);
  });

  test.each(entry.positive)("stays covered beside every other detector in %j", (example) => {
    const { text, marks } = readMarked(example);
    const spans = whole.spans(text);
    for (const [start, end] of marks) expect(spans.some((span) => span.start <= start && span.end >= end)).toBe(true);
  });

  test.each(entry.negative)("leaves %j alone", (example) => {
    expect(alone.spans(example)).toEqual([]);
  });

  test("has a documented origin, examples of both kinds and a pack", () => {
    expect(entry.origin).toMatch(/^https:\/\//);
    expect(entry.positive.length).toBeGreaterThan(0);
    expect(entry.negative.length).toBeGreaterThan(0);
    expect(entry.packs.length).toBeGreaterThan(0);
  });
});
