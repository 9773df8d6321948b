import { describe, expect, it } from "vitest";
import { escapeJson, numberOrString, spliceJson, unescapeJson } from "../../../src/envelope/json/index.ts";

describe("the inside of strings", () => {
  it.each(["", "plain", 'a"b\\c', "\u0000\u001f\u007f\u2028", "😀", "\ud800 lone \udc00", "/"])(
    "is escaped as JSON.stringify does: %j",
    (text) => {
      expect(escapeJson(text)).toBe(JSON.stringify(text).slice(1, -1));
      expect(unescapeJson(escapeJson(text))).toBe(text);
    },
  );
});

describe("a text in the place of a number", () => {
  it.each(["0", "-1.5e+10", "12345678901234567890"])("stays a number where it is one: %s", (text) => {
    expect(numberOrString(text)).toBe(text);
  });

  it.each(["", "01", "1.", "+1", "0x1", "[NUMBER]", 'a"b'])("is a string where it is none: %j", (text) => {
    expect(numberOrString(text)).toBe(JSON.stringify(text));
  });
});

describe("splicing", () => {
  it("returns the very same string without edits", () => {
    const text = '{"a":1}';
    expect(spliceJson(text, [])).toBe(text);
  });

  it("replaces what it is told and nothing else", () => {
    expect(
      spliceJson('{"a":1,"b":2}', [
        { start: 5, end: 6, text: '"x"' },
        { start: 11, end: 12, text: "3" },
      ]),
    ).toBe('{"a":"x","b":3}');
  });

  it("refuses edits that overlap, run backwards or leave the text", () => {
    const bad = [
      [
        { start: 2, end: 4, text: "" },
        { start: 3, end: 5, text: "" },
      ],
      [{ start: 3, end: 2, text: "" }],
      [{ start: 0, end: 9, text: "" }],
    ];
    for (const edits of bad) expect(() => spliceJson("12345", edits)).toThrow(RangeError);
  });
});
