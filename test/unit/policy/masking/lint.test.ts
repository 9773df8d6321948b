import { describe, expect, it } from "vitest";
import { lint } from "../../../../policy/masking/lint.ts";

const codes = (pattern: string, flags = ""): readonly string[] =>
  lint({ name: "mine", pattern, flags }).map(({ code, position }) => `${code}@${position}`);

describe("lint", () => {
  it("has nothing to say about a pattern with a left boundary", () => {
    expect(codes("\\bAKIA[0-9A-Z]{16}\\b")).toEqual([]);
    expect(codes("(?<![\\w.])[\\w.]{1,64}@[a-z]{1,63}\\.com")).toEqual([]);
  });

  it("says where a pattern may begin anywhere, and where that repeats without end", () => {
    expect(codes("\\w+@x")).toEqual(["no-left-boundary@0", "unbounded-prefix@0"]);
    expect(codes("\\bx|(?:ab|[a-z]{3})1")).toEqual(["no-left-boundary@10"]);
  });

  it("says that a pattern matches the empty text", () => {
    expect(codes("(?:ab)?")).toEqual(["matches-empty@0"]);
  });

  it("says how many attempts may be alive at once", () => {
    expect(codes("a{1,200}b")).toEqual(["many-live-runs@0"]);
  });

  it("says that a pattern needs more and more states", () => {
    expect(codes("\\b[ab]*a[ab]{20}")).toEqual(["many-states@0"]);
  });

  it("says why and where a pattern is refused", () => {
    expect(codes("(a)\\1")).toEqual(["refused@3"]);
  });
});
