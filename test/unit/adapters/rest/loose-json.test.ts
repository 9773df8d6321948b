import { describe, expect, it } from "vitest";
import { callsIn } from "../../../../adapters/rest/calls.ts";
import { looseFacts } from "../../../../adapters/rest/json-body.ts";
import { LooseJson } from "../../../../adapters/rest/loose-json.ts";
import { literal } from "../../../../adapters/rest/message.ts";
import { compilePaths } from "../../../../src/envelope/json/index.ts";

const longName = "x".repeat(10_000);
const named = compilePaths<"name">({ name: "name" });

describe("a string longer than any name", () => {
  it("is kept as far as a name goes, however it comes, and told not to be whole", () => {
    const text = JSON.stringify({ name: longName });
    for (const size of [text.length, 7]) {
      const reader = new LooseJson(named);
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
      const found = pieces.flatMap((piece) => reader.push(piece));
      expect(found).toMatchObject([{ tag: "name", whole: false, text: longName.slice(0, 4_096) }]);
    }
  });

  it("of the longest that is a name is told whole", () => {
    const name = longName.slice(0, 4_096);
    expect(new LooseJson(named).push(JSON.stringify({ name }))).toMatchObject([{ whole: true, text: name }]);
  });

  it("is refused where a request names something by it", () => {
    expect(() => looseFacts(Buffer.from(JSON.stringify({ model: longName })))).toThrow("A name in the request is too long.");
  });

  it("blocks an answer that calls a tool by it", () => {
    const answer = JSON.stringify({ message: { tool_calls: [{ function: { name: longName } }] } });
    expect(() => callsIn("json")(literal(answer))).toThrow("The answer was blocked by policy.");
  });
});
