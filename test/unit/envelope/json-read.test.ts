import { describe, expect, it } from "vitest";
import { compileReader, escapeJson, type JsonError, spliceJson, unescapeJson } from "../../../src/envelope/json/index.ts";

describe("reading a document", () => {
  const read = compileReader({
    fields: { model: "string", stream: "boolean", n: "number", "options.usage": "boolean" },
    spots: { "messages.*.content": "content", logprobs: "drop" },
    rest: true,
  });

  it("picks typed fields and locates texts in one pass", () => {
    const text = '{"model":"gpt\\u002d4","n":2,"stream":null,"options":{"usage":true},"messages":[{"role":"user","content":"hi"}]}';
    const { fields, spots } = read(text);
    expect({ ...fields }).toEqual({ model: "gpt-4", n: 2, "options.usage": true });
    expect(spots.map((spot) => [spot.tag, text.slice(spot.start, spot.end), spot.path.join(".")])).toEqual([
      [undefined, '"role"', "messages.0.role"],
      [undefined, '"user"', "messages.0.role"],
      ["content", '"hi"', "messages.0.content"],
    ]);
  });

  it("locates tagged containers whole, before what is in them", () => {
    const text = '{"logprobs":{"content":[{"token":"a"}]},"x":1}';
    const [whole] = read(text).spots;
    expect(text.slice(whole?.start, whole?.end)).toBe('{"content":[{"token":"a"}]}');
  });

  it.each(['{"n":"2"}', '{"model":7}', '{"stream":1}', '{"model":{}}', '{"model":[]}'])("refuses a field of another type: %s", (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ problem: "wrong-type" }) as JsonError);
  });

  it("is not confused by a field called __proto__", () => {
    const { fields } = compileReader({ fields: { __proto__x: "string" } })('{"__proto__":{"a":1}}');
    expect(Object.keys(fields)).toEqual([]);
  });
});

describe("the inside of strings", () => {
  it.each(["", "plain", 'a"b\\c', "\u0000\u001f\u007f\u2028", "😀", "\ud800 lone \udc00", "/"])(
    "is escaped as JSON.stringify does: %j",
    (text) => {
      expect(escapeJson(text)).toBe(JSON.stringify(text).slice(1, -1));
      expect(unescapeJson(escapeJson(text))).toBe(text);
    },
  );
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
