import { describe, expect, it } from "vitest";
import { json, table } from "../../../src/cli/output.ts";
import { visibleLine, visibleText } from "../../../src/cli/visible.ts";

describe("recorded text on a terminal", () => {
  it.each([
    ["a colour", "\u001b[31mred\u001b[0m", "\\u{1b}[31mred\\u{1b}[0m"],
    ["a title", "\u001b]0;owned\u0007", "\\u{1b}]0;owned\\u{7}"],
    ["an eight-bit control sequence", "\u009b2J", "\\u{9b}2J"],
    ["a bidirectional override", "a\u202eb\u2069", "a\\u{202e}b\\u{2069}"],
    ["a zero-width space", "a\u200bb", "a\\u{200b}b"],
    ["a soft hyphen", "a\u00adb", "a\\u{ad}b"],
    ["tags", "a\u{e0041}", "a\\u{e0041}"],
    ["a variation selector", "a\ufe0f", "a\\u{fe0f}"],
    ["a byte order mark", "\ufeffa", "\\u{feff}a"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["half a surrogate pair", "a\ud800", "a\\u{d800}"],
    ["a carriage return that would overwrite the line", "safe\rrm", "safe\\u{d}rm"],
    ["the blank of Braille", "a\u2800b", "a\\u{2800}b"],
    ["a forged escape", "\\u{1b}", "\\\\u{1b}"],
  ])("shows %s instead of obeying it", (_, text, shown) => expect(visibleLine(text)).toBe(shown));

  it("keeps letters, emoji and combining marks of every script as they are", () => {
    const text = "naïve 日本語 العربية हिन्दी e\u0301 😀 — “ok”";
    expect(visibleLine(text)).toBe(text);
  });

  it("keeps lines and tabs only where lines are wanted", () => {
    expect(visibleText("a\n\tb\u0007")).toBe("a\n\tb\\u{7}");
    expect(visibleLine("a\n\tb")).toBe("a\\u{a}\\u{9}b");
  });

  it("is shown so in tables", () => {
    expect(table(["NAME"], [["\u001b[2J"]])).toBe("NAME\n\\u{1b}[2J\n");
  });

  it("reads back from JSON as it was, though nothing in the JSON is obeyed", () => {
    const value = { text: "\u001b[31m\u202e\u009b\u2028\u{e0041}\u007f" };
    expect(JSON.parse(json(value))).toEqual(value);
    expect(json(value)).toMatch(/^[\x20-\x7e\n]*$/);
  });
});
