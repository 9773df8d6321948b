import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documentText } from "../../../../src/cli/declared/document-text.ts";

describe("a document of the configuration", () => {
  it("is YAML with its keys in order", () => {
    expect(documentText({ effect: "allow", match: { groups: ["b", "a"], connections: ["gpt"] } })).toBe(
      "effect: allow\nmatch:\n  connections:\n    - gpt\n  groups:\n    - b\n    - a\n",
    );
    expect(documentText({})).toBe("");
  });

  it("hides nothing and obeys nothing: what a terminal would not show is an escape within quotes", () => {
    expect(documentText({ regex: "\\bPRJ\u001b[31m", name: "a\u202eb\u{e0041}" })).toBe(
      'name: "a\\u202eb\\U000e0041"\nregex: "\\\\bPRJ\\e[31m"\n',
    );
    expect(documentText({ regex: "\\u202e" })).toBe("regex: \\u202e\n");
  });

  it("reads back as it was", () => {
    const value = fc.dictionary(
      fc.string({ unit: "binary" }).filter((key) => key !== "__proto__"),
      fc.jsonValue({ depthSize: "small", stringUnit: "binary" }),
    );
    fc.assert(
      fc.property(value, (document) => {
        const text = documentText(document);
        expect(JSON.parse(JSON.stringify(parse(text) ?? {}))).toEqual(JSON.parse(JSON.stringify(document)));
        expect(text).not.toMatch(/[^\P{C}\n]/u);
      }),
      { numRuns: 100 },
    );
  });
});
