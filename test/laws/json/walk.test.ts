import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, walkJson } from "../../../src/envelope/json/index.ts";
import { brokenJson, writtenJson } from "../../support/written-json.ts";

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const refusal = (text: string): JsonError | undefined => {
  try {
    walkJson(text, {});
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JsonError) return thrown;
    throw thrown;
  }
};

describe("the tokenizer and JSON.parse", () => {
  it("agree on what is valid, duplicate keys apart", () => {
    fc.assert(
      fc.property(brokenJson, (text) => {
        const thrown = refusal(text);
        if (thrown?.problem === "duplicate-key") return;
        expect(thrown === undefined).toBe(parses(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("agree on every key and value of a valid text", () => {
    fc.assert(
      fc.property(writtenJson, ({ text, value }) => {
        const wanted: [string, unknown][] = [];
        const list = (node: unknown, path: string): void => {
          if (typeof node !== "object" || node === null) wanted.push([path, node]);
          else for (const [key, child] of Object.entries(node)) list(child, `${path}/${key}`);
        };
        list(value, "");
        const found: [string, unknown][] = [];
        walkJson(text, { value: (at) => found.push([["", ...at.path()].join("/"), at.string() ?? JSON.parse(at.raw())]) });
        const order = (a: [string, unknown], b: [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
        expect(found.sort(order)).toEqual(wanted.sort(order));
      }),
      { numRuns: 1_500 },
    );
  });

  it("a fault is where no continuation of the text before it is lost", () => {
    fc.assert(
      fc.property(writtenJson, fc.nat(), ({ text }, cut) => {
        const end = cut % (text.length + 1);
        const thrown = refusal(text.slice(0, end));
        if (thrown !== undefined) expect(thrown.offset).toBe(end);
      }),
      { numRuns: 2_000 },
    );
  });
});
