import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { loadTokenCounter, splitRuns } from "../../../src/tokens/count.ts";

describe("the token counter", () => {
  it("counts what the GPT-4o tokenizer counts", async () => {
    const counter = await loadTokenCounter();
    const texts = ["The quick brown fox jumps over 13 lazy dogs.", "Größe: 42 µm, 漢字 und 😀.", 'const x = { "a": [1, 2, 3] };'];
    expect(counter.count(texts)).toBe(texts.reduce((sum, text) => sum + encode(text).length, 0));
  });

  it("counts the markers of special tokens as the text that they are", async () => {
    const counter = await loadTokenCounter();
    expect(counter.count(["<|endoftext|>"])).toBeGreaterThan(1);
  });

  it("counts fifty thousand equal letters without choking on them", async () => {
    const counter = await loadTokenCounter();
    expect(counter.count(["a".repeat(50_000)])).toBeGreaterThan(1_000);
  });

  it("splits long runs so that the pieces spell the text and none cuts a surrogate pair", () => {
    const text = `${"x".repeat(700)} ${"😀".repeat(400)}${"1".repeat(300)}`;
    const pieces = splitRuns(text);
    expect(pieces.join("")).toBe(text);
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(() => encodeURIComponent(piece)).not.toThrow();
  });
});
