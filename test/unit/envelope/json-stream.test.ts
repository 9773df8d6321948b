import { describe, expect, it } from "vitest";
import { compilePaths, type JsonSink, JsonStream } from "../../../src/envelope/json/index.ts";

describe("a stream's place in a document", () => {
  it("is known by path and tag while a value arrives", () => {
    const seen: string[] = [];
    const note = (): void => void seen.push(`${stream.path().join(".")} ${stream.tag ?? "-"}`);
    const sink: JsonSink = {
      openString: (_start, key) => {
        if (!key) note();
      },
      characters: () => {},
      escape: () => {},
      closeString: () => {},
      openScalar: note,
      closeScalar: () => {},
      enter: () => {
        note();
        return false;
      },
      leave: () => {},
      broken: () => {},
    };
    const stream = new JsonStream(sink, { table: compilePaths({ "a.*.b": "deep", c: "flat" }), depth: 16, many: true });
    stream.push('{"a":[{"\\u0062":1},{"b');
    stream.push('":"x"}],"c":null}\n{"c":true}');
    expect(seen).toEqual([" -", "a -", "a.0 -", "a.0.b deep", "a.1 -", "a.1.b deep", "c flat", " -", "c flat"]);
  });
});
