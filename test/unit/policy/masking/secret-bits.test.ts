import { describe, expect, it } from "vitest";
import { compile } from "../../../../policy/masking/index.ts";
import { secretBits } from "../../../../policy/masking/secret-bits.ts";

const bits = (pattern: string, flags?: string): number => Math.round(secretBits(flags === undefined ? { pattern } : { pattern, flags }));

describe("the bits of what a detector masks", () => {
  it.each([
    ["PRJ-[0-9]{6}", 20],
    ["ak_[0-9a-f]{32}", 128],
    ["[A-Z2-7]{16,40}", 80],
    ["(?:[0-9]{16}|[0-9a-f]{8})", 32],
    ["\\S{11,}", 66],
    ["[0-9a-f]{40}?x*", 160],
    ["token=(?<secret>[0-9]{10})", 33],
    ["[a-z]{40}:(?<secret>[0-9]{4})", 13],
    ["hello", 0],
  ])("of %s are %i", (pattern, wanted) => {
    expect(bits(pattern)).toBe(wanted);
  });

  it("are counted over both cases where case does not matter", () => {
    expect(bits("[a-z]{10}", "i")).toBeGreaterThan(bits("[a-z]{10}"));
  });

  it("of keywords are those of the choice between them", () => {
    expect(secretBits({ pattern: "", keywords: ["a", "b", "c", "d"] })).toBe(2);
  });

  it("decide whether a hash may stand for it", () => {
    const hash = (): string => "0123456789abcdef";
    expect(compile([{ name: "key", pattern: "ak_[0-9a-f]{32}", replace: { kind: "hash" } }], { hash }).mask(`ak_${"0".repeat(32)}`)).toBe(
      "[KEY:0123456789ab]",
    );
    expect(() => compile([{ name: "pin", pattern: "\\d{4}", replace: { kind: "hash" } }], { hash })).toThrow(/at least 64 bits, not 13/);
  });
});
