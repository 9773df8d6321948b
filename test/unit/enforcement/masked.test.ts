import { describe, expect, it } from "vitest";
import { compile, type Program } from "../../../policy/masking/index.ts";
import { type LaneRules, maskSpans } from "../../../src/enforcement/masked.ts";
import { lane, type TextSpan } from "../../../src/envelope/text.ts";

const program = compile([
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
]);
const wider = compile([...program.detectors, { name: "code", pattern: "\\bPRJ-\\d{6}\\b" }]);

const span = (name: string, text: string): TextSpan => ({ lane: lane(name), author: "assistant", syntax: "plain", path: [name], text });

const masked = (spans: readonly TextSpan[], rules: LaneRules, cut: readonly string[] = []) => {
  const recorded: (readonly [string, string])[] = [];
  const closings = cut.map((name) => ({ lane: lane(name), complete: false }));
  const texts = maskSpans({ spans, closings }, rules, ({ path }, text) => recorded.push([String(path[0]), text]));
  return { texts, recorded };
};

/** The program, and how many of its maskers are in use at once at most. */
const counted = (): { readonly program: Program; readonly most: () => number } => {
  let open = 0;
  let most = 0;
  const counting: Program = {
    detectors: program.detectors,
    hash: program.hash,
    empty: program.empty,
    stops: program.stops,
    labelAt: (path) => program.labelAt(path),
    mask: (text, syntax, end) => program.mask(text, syntax, end),
    spans: (text) => program.spans(text),
    open: (syntax) => {
      const masker = program.open(syntax);
      most = Math.max(most, ++open);
      return {
        push: (chunk) => masker.push(chunk),
        finish: (end) => {
          open -= 1;
          return masker.finish(end);
        },
        get held() {
          return masker.held;
        },
      };
    },
  };
  return { program: counting, most: () => most };
};

describe("the texts of a whole message", () => {
  it("are masked lane by lane, a text in several spans as one", () => {
    const spans = [span("a", "write to a.b@exam"), span("b", "c.d@example.com"), span("a", "ple.com now")];
    const { texts, recorded } = masked(spans, { reader: program, record: program });
    expect(texts).toEqual(["write to ", "[EMAIL]", "[EMAIL] now"]);
    expect(recorded).toEqual([
      ["a", "write to "],
      ["b", "[EMAIL]"],
      ["a", "[EMAIL] now"],
    ]);
  });

  it("are recorded by the record's own rules, and go out unmasked where nothing masks them for their reader", () => {
    const { texts, recorded } = masked([span("a", "PRJ-123456 of a.b@example.com")], { reader: undefined, record: wider });
    expect(texts).toEqual(["PRJ-123456 of a.b@example.com"]);
    expect(recorded).toEqual([["a", "[CODE] of [EMAIL]"]]);
    expect(masked([span("a", "PRJ-123456")], { reader: program, record: undefined })).toEqual({ texts: ["PRJ-123456"], recorded: [] });
  });

  it("lose the beginning of a credential where generation was cut, and keep it where it was not", () => {
    const spans = [span("a", "use AKIAQ3EG"), span("b", "use AKIAQ3EG"), span("c", "use AKIA"), span("c", "Q3EG")];
    const { texts } = masked(spans, { reader: program, record: undefined }, ["a", "c"]);
    expect(texts).toEqual(["use [AWS_KEY]", "use AKIAQ3EG", "use ", "[AWS_KEY]"]);
  });

  it("keep a lane open no longer than to its last span, however many lanes there are", () => {
    const { program: reader, most } = counted();
    const spans = Array.from({ length: 2_000 }, (_, index) => [span(`lane ${index}`, "a.b@exam"), span(`lane ${index}`, "ple.com")]).flat();
    const { texts } = masked(spans, { reader, record: reader });
    expect(texts.filter((text) => text === "[EMAIL]")).toHaveLength(2_000);
    expect(most()).toBe(1);
  });
});
