import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "../../../../src/cli/declared/line-diff.ts";

const shown = (before: readonly string[], after: readonly string[]): readonly string[] =>
  diffLines(before, after).map(({ sign, text }) => `${sign}${text}`);

describe("the lines that change between two texts", () => {
  it("are told with those that stay, what is taken away first", () => {
    expect(shown(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])).toEqual([" a", "-b", "+x", " c", " d", "+e"]);
    expect(shown([], ["a"])).toEqual(["+a"]);
    expect(shown(["a"], [])).toEqual(["-a"]);
    expect(shown(["a", "a"], ["a"])).toEqual([" a", "-a"]);
  });

  it("are both texts again, and as few as can be", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    const common = (a: readonly string[], b: readonly string[]): number => {
      const [[head, ...tail], [other, ...others]] = [a, b];
      if (head === undefined || other === undefined) return 0;
      return head === other ? 1 + common(tail, others) : Math.max(common(tail, b), common(a, others));
    };
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const told = diffLines(before, after);
        const without = (sign: string) => told.filter((line) => line.sign !== sign).map(({ text }) => text);
        expect(without("+")).toEqual(before);
        expect(without("-")).toEqual(after);
        expect(told.filter(({ sign }) => sign === " ")).toHaveLength(common(before, after));
      }),
      { numRuns: 200 },
    );
  });

  it("are all lines of texts too long to compare", () => {
    const [before, after] = ["a", "b"].map((letter) => Array.from({ length: 3_000 }, (_, index) => `${letter}${index}`));
    expect(shown(["same", ...(before ?? [])], ["same", ...(after ?? [])])).toHaveLength(6_001);
  });
});
