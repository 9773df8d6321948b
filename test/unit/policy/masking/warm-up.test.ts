import { describe, expect, it } from "vitest";
import { detectorsNamed } from "../../../../policy/catalogue/index.ts";
import { compile, laneOptions } from "../../../../policy/masking/index.ts";
import { warmUp } from "../../../../policy/masking/warm-up.ts";

describe("a program that was warmed up", () => {
  it("masks as one that was not", () => {
    const detectors = detectorsNamed(["credentials", "contact"]);
    const [warm, cold] = [compile(detectors, laneOptions(["ssn"])), compile(detectors, laneOptions(["ssn"]))];
    warmUp(warm);
    for (const syntax of ["plain", "json"] as const) {
      const text = '{"ssn":1,"to":"joe@example.org","api_key":"q7Zp2LmX9vB4nT6kR1sW8yD3"}';
      expect(warm.mask(text, syntax)).toBe(cold.mask(text, syntax));
    }
  });
});

describe("a list of very many words", () => {
  it("is masked by the longest of them", () => {
    const keywords = Array.from({ length: 20_000 }, (_, index) => `w${(index * 7919).toString(36)}`);
    const program = compile([{ name: "word", pattern: "", keywords }]);
    expect(program.spans(`${keywords[19_999]} x ${keywords[3]}`)).toEqual([
      { start: 0, end: keywords[19_999]?.length, detector: "word" },
      {
        start: (keywords[19_999]?.length ?? 0) + 3,
        end: (keywords[19_999]?.length ?? 0) + 3 + (keywords[3]?.length ?? 0),
        detector: "word",
      },
    ]);
  });
});
