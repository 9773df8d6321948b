import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, laneOptions } from "../../../policy/masking/index.ts";
import type { Syntax } from "../../../src/envelope/text.ts";
import { cutAt } from "../../support/cuts.ts";

const detectors = [
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
  { name: "code", pattern: "\\bPRJ-\\d{6}\\b" },
];
const engine = compile(detectors);
const lanes = compile(detectors, laneOptions(["ssn"]));

const pieces = fc
  .array(fc.constantFrom("a.b@example.com", "AKIAQ3EGRIJ5KZT7XW2M", "PRJ-123456", "PRJ%2D123456", " ", "clean words", "AKIA", "@"), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

/** What a masker tells, in order, of a text cut as given. */
const told = (program: typeof engine, chunks: readonly string[], syntax: Syntax = "plain"): readonly string[] => {
  const names: string[] = [];
  const masker = program.open(syntax, (name) => names.push(name));
  for (const chunk of chunks) masker.push(chunk);
  masker.finish();
  return names;
};

describe("what a masker tells of its replacements", () => {
  it("is the detector that each is named after, once each, however the text is cut", () => {
    fc.assert(
      fc.property(fc.constantFrom(engine, lanes), pieces, fc.array(fc.nat(120)), (program, text, cuts) => {
        expect(told(program, cutAt(text, cuts))).toEqual(program.spans(text).map(({ detector }) => detector));
      }),
    );
  });

  it("names values under the keys of a rule, and what is found in the strings beside them", () => {
    const text = JSON.stringify({ ssn: "078-05-1120", note: "see PRJ-123456", other: "clean" });
    expect(told(lanes, [...text], "json")).toEqual(["keys", "code"]);
    expect(told(lanes, [text], "json")).toEqual(["keys", "code"]);
  });

  it("is nothing where the text is clean", () => {
    expect(told(lanes, ["nothing to see here, ", "move along"])).toEqual([]);
  });
});
