import { describe, expect, it } from "vitest";
import { compileGlobs } from "../../../../policy/rules/glob.ts";

describe("globs of models", () => {
  it.each([
    ["gpt-4o", "gpt-4o", true],
    ["gpt-4o", "gpt-4o-mini", false],
    ["gpt-4o*", "gpt-4o", true],
    ["*mini", "gpt-4o-mini", true],
    ["*", "", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "axbxc", true],
    ["a*b*c", "acb", false],
    ["a*bc*bc", "abc", false],
    ["**", "x", true],
    ["gpt.4o", "gptx4o", false],
    ["GPT*", "gpt-4o", false],
  ])("%s and %s: %s", (glob, name, fits) => expect(compileGlobs([glob])(name)).toBe(fits));

  it("any of several suffices", () => {
    const fits = compileGlobs(["o1", "gpt*"]);
    expect([fits("o1"), fits("gpt-4o"), fits("o1-mini")]).toEqual([true, true, false]);
  });

  it("take no longer for many stars", () => {
    expect(compileGlobs([`${"*a".repeat(100)}*b`])("a".repeat(100_000))).toBe(false);
  });
});
