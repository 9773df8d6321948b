import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { catalogue, compile, type MaskSpan } from "../../../policy/library.ts";
import { cutEverywhere, emptyReport } from "../../fuzz/corpus.ts";

const everything = compile(["all"]);

/** Examples of the catalogue in a row, whose contexts may meet. */
const texts = fc
  .array(fc.tuple(fc.constantFrom(...catalogue), fc.nat(), fc.constantFrom(" ", "\n", ", ", "=", '"', "")), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .map(([{ positive, negative }, choice, after]) => {
        const examples = [...positive, ...negative];
        return `${(examples[choice % examples.length] ?? "").replaceAll(/[«»]/gu, "")}${after}`;
      })
      .join(""),
  );

const covered = (spans: readonly MaskSpan[], text: string): readonly boolean[] =>
  Array.from({ length: text.length }, (_, at) => spans.some(({ start, end }) => start <= at && at < end));

describe("the whole catalogue", () => {
  it("masks a text alike, whole, in two at every place, and unit by unit", () => {
    const report = emptyReport();
    const check = (text: string, json: boolean): void => {
      cutEverywhere(everything, json ? "json" : "plain", text, json ? JSON.stringify({ text }) : text, report);
      expect(report.mismatches).toEqual([]);
    };
    fc.assert(fc.property(texts, fc.boolean(), check), { numRuns: 150 });
    expect(report.masked).toBeGreaterThan(50);
  });

  it("covers whatever a single pack covers: adding a detector never unmasks", () => {
    const packs = ["credentials", "pii", "network", "generic-secrets"].map((pack) => compile([pack]));
    const check = (text: string, which: number): void => {
      const few = covered(packs[which % packs.length]?.spans(text) ?? [], text);
      const all = covered(everything.spans(text), text);
      expect(few.filter((masked, at) => masked && all[at] !== true)).toEqual([]);
    };
    fc.assert(fc.property(texts, fc.nat(), check), { numRuns: 400 });
  });

  it("leaves alone what it masked: no label is a match", () => {
    const apart = fc.array(fc.tuple(fc.constantFrom(...catalogue), fc.nat()), { minLength: 1, maxLength: 3 }).map((parts) =>
      // What stands beside a label may be a value again, for labels are words too: matches must be a line apart for the law to hold.
      parts.map(([{ positive }, choice]) => (positive[choice % positive.length] ?? "").replaceAll(/[«»]/gu, "")).join("\n|\n"),
    );
    fc.assert(
      fc.property(apart, (text) => {
        const once = everything.mask(text);
        expect(everything.mask(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});
