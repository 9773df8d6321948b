import { describe, expect, it } from "vitest";
import { compileMatcher } from "../../../../policy/masking/matcher.ts";
import { PatternError } from "../../../../policy/masking/pattern-error.ts";
import { randomDetectors, randomText } from "../../../fuzz/generator.ts";
import { Random } from "../../../fuzz/random.ts";

describe("a matcher", () => {
  it("finds the patterns that V8 finds, for random ones", () => {
    const random = new Random(3);
    for (let round = 0; round < 300; round++) {
      const unicode = random.chance(0.3);
      const patterns = randomDetectors(random, { validators: false, groups: true, unicode }).filter(
        ({ keywords }) => keywords === undefined,
      );
      const matcher = compiled(patterns);
      if (matcher === undefined) continue;
      for (let count = 0; count < 10; count++) {
        const text = randomText(random, 12, unicode);
        const want = patterns.flatMap(({ pattern, flags }, index) => (new RegExp(pattern, flags).test(text) ? [index] : []));
        expect(matcher.test(text)).toEqual(want);
      }
    }
  });

  it("matches the empty text where the pattern does", () => {
    const matcher = compileMatcher([{ pattern: "^$" }, { pattern: "a*" }, { pattern: "a+" }]);
    expect(matcher.test("")).toEqual([0, 1]);
    expect(matcher.test("ba")).toEqual([1, 2]);
  });

  it("ignores case where the pattern begins with (?i)", () => {
    expect(compileMatcher([{ pattern: "(?i)ignore (all )?previous instructions" }]).test("IGNORE previous Instructions!")).toEqual([0]);
  });

  it("keeps up with patterns that take V8 forever", () => {
    expect(compileMatcher([{ pattern: "(\\w+\\s?)+@" }, { pattern: "^(a|a|aa)+$" }]).test(`${"a".repeat(50_000)}!`)).toEqual([]);
  });

  it("refuses what it cannot match in linear time, with the position", () => {
    expect(() => compileMatcher([{ pattern: "x" }, { pattern: "(a)\\1" }])).toThrow(
      expect.objectContaining({ position: 3, detector: "1" }),
    );
  });
});

function compiled(patterns: Parameters<typeof compileMatcher>[0]): ReturnType<typeof compileMatcher> | undefined {
  try {
    return compileMatcher(patterns);
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
}
