import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, type Detector, PatternError, type Program } from "../../../policy/masking/index.ts";
import { randomCuts, randomDetectors, randomShort, randomText } from "../../fuzz/generator.ts";
import { fuzzHold } from "../../fuzz/hold.ts";
import { fuzz, maskInCuts } from "../../fuzz/masking.ts";
import { oracleMask } from "../../fuzz/oracle.ts";
import { Random } from "../../fuzz/random.ts";

const EMAIL: Detector = { name: "email", label: "EMAIL", pattern: "(?<![\\w.])[\\w.]{1,8}@[a-z]{1,8}\\.[a-z]{2,3}\\b" };
const PASSWORD: Detector = {
  name: "password",
  label: "PASSWORD",
  pattern: "\\b(?:password|pwd)\\s*[:=]\\s*[\"']?(?<secret>[^\\s\"']{4,})",
  flags: "i",
};
const DIGITS: Detector = { name: "digits", label: "DIGITS", pattern: "(?<!\\d)\\d(?: ?\\d){5,9}(?!\\d)", match: "longest" };
const FACES: Detector = { name: "faces", label: "FACES", pattern: "[\\u{1F600}-\\u{1F64F}]{2,}", flags: "u" };
const FAMILIAR = [EMAIL, PASSWORD, DIGITS, FACES];

/** Pieces out of which texts full of near misses are put together. */
const PIECES = [
  "a.b@c.de",
  "password = 'abcdef'",
  "pwd:",
  "123456",
  "12 34 56",
  " ",
  "x",
  "@",
  "😀",
  "😀😁",
  "\ud83d",
  "é",
  "\n",
  "PASSWORD=",
  "7",
] as const;
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(""));

/** Every way to cut a text in pieces: 2 to the power of its length less one. */
function* everyCut(text: string): Generator<readonly string[]> {
  for (let bits = 0; bits < 2 ** Math.max(0, text.length - 1); bits++) {
    const cuts: string[] = [];
    let from = 0;
    for (let at = 1; at <= text.length; at++) {
      if (at < text.length && ((bits >> (at - 1)) & 1) === 0) continue;
      cuts.push(text.slice(from, at));
      from = at;
    }
    yield cuts;
  }
}

/** A program of random detectors, or nothing where one of them is refused. */
function randomProgram(random: Random, options: Parameters<typeof compile>[1] = {}): Program | undefined {
  const detectors = randomDetectors(random, { validators: random.chance(0.5), groups: random.chance(0.5), unicode: random.chance(0.3) });
  try {
    return compile(detectors, options);
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
}

describe("masking, however the text is cut,", () => {
  it("gives what V8 finds in the whole text, for random detectors", () => {
    for (const seed of [1, 2, 3]) expect(fuzz(seed, 3000).mismatch).toBeUndefined();
  });

  it("gives what V8 finds in the whole text, for familiar detectors", () => {
    const program = compile(FAMILIAR);
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 9 }), fc.nat(), (text, largest, seed) => {
        expect(maskInCuts(program, randomCuts(new Random(seed), text, largest))).toBe(oracleMask(FAMILIAR, text));
      }),
    );
  });

  it("is the same for every single way to cut", () => {
    const program = compile(FAMILIAR);
    for (const text of ["a.b@c.de 12345", "pwd='a b'x 😀😁", "12 34 56 7@a"]) {
      const want = oracleMask(FAMILIAR, text);
      for (const cuts of everyCut(text)) expect(maskInCuts(program, cuts)).toBe(want);
    }
  });

  it("does not depend on how many states the tables keep", () => {
    const [small, large] = [compile(FAMILIAR, { maxStates: 3 }), compile(FAMILIAR)];
    fc.assert(fc.property(texts, (text) => maskInCuts(small, [...text]) === large.mask(text)));
  });
});

describe("the hold-back", () => {
  it("releases nothing that a continuation could cover", () => {
    expect(fuzzHold(5, 120, 3).early).toEqual([]);
  });

  it("is what some continuation could cover, no unit more, where all continuations can be tried", () => {
    const { early, late } = fuzzHold(8, 150, 4, randomShort);
    expect([...early, ...late]).toEqual([]);
  });

  const held = (detectors: readonly Detector[], text: string): number => {
    const masker = compile(detectors).open("plain");
    for (const unit of text) masker.push(unit);
    return masker.held;
  };

  it("holds what could still become a match, from its first character", () => {
    expect(held([EMAIL], "write to ann.b")).toBe("ann.b".length);
    expect(held([EMAIL], "write to ann.b ")).toBe(0);
    expect(held([EMAIL], "ann.b@corp")).toBe("ann.b@corp".length);
  });

  it("releases the context of a secret and holds the secret", () => {
    expect(held([PASSWORD], "the password = ")).toBe(0);
    expect(held([PASSWORD], "the password = hun")).toBe("hun".length);
    expect(held([PASSWORD], "the password = hun ")).toBe(0);
  });

  it("holds the first half of a surrogate pair until the second comes", () => {
    const masker = compile([EMAIL]).open("plain");
    expect([masker.push("x \ud83d"), masker.push("\ude00")]).toEqual(["x ", "😀"]);
    fc.assert(
      fc.property(texts, (text) => {
        const lane = compile(FAMILIAR).open("plain");
        for (let at = 0; at < text.length; at++) {
          const out = lane.push(text.charAt(at));
          if (!/[\ud800-\udbff]$/.test(out)) continue;
          // A lone surrogate may be released only when what follows is no second half.
          expect(/[\udc00-\udfff]/.test(text.charAt(at))).toBe(false);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("detectors together", () => {
  it("mask at least what each of them masks alone", () => {
    const random = new Random(17);
    for (let round = 0; round < 300; round++) {
      const program = randomProgram(random);
      if (program === undefined) continue;
      const text = randomText(random, 14, false);
      const together = coveredBy(program, text);
      for (const detector of program.detectors) {
        for (const position of coveredBy(compile([detector]), text)) expect(together).toContain(position);
      }
    }
  });

  it("change nothing more when the masked text is masked again and no label matches", () => {
    const program = compile(FAMILIAR);
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a.b@c.de", "123456", "12 34 56", "😀😁", "x", "é", "@"), { maxLength: 8 }), (pieces) => {
        // A label may stand where a boundary was: matches must be apart for the law to hold.
        const once = program.mask(pieces.join("  "));
        expect(program.mask(once)).toBe(once);
      }),
    );
  });
});

/** The positions a program masks. */
const coveredBy = (program: Program, text: string): readonly number[] =>
  program.spans(text).flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at));

describe("the cap", () => {
  it("falls at the same place for every cut, whatever else is going on", () => {
    const random = new Random(23);
    for (let round = 0; round < 500; round++) {
      const capUnits = 2 + random.below(12);
      const program = randomProgram(random, random.chance(0.2) ? { capUnits, maxStates: 6 } : { capUnits });
      if (program === undefined) continue;
      const text = randomText(random, 40, random.chance(0.3));
      const want = maskInCuts(program, [text]);
      for (const largest of [1, 2, 3, 7]) expect(maskInCuts(program, randomCuts(random, text, largest))).toBe(want);
    }
  });

  it("does not change what closes before it", () => {
    const [capped, whole] = [compile(FAMILIAR, { capUnits: 64 }), compile(FAMILIAR)];
    const short = texts.filter((text) => text.split(/\s/).every((word) => word.length < 16));
    fc.assert(fc.property(short, (text) => capped.mask(text.slice(0, 60)) === whole.mask(text.slice(0, 60))));
  });

  it("emits the replacement and swallows the text until the run ends", () => {
    const program = compile([{ name: "word", pattern: "<[a-z]*>" }], { capUnits: 10 });
    const masker = program.open("plain");
    expect(masker.push("x <abcdefgh")).toBe("x ");
    expect(masker.push("i")).toBe("[WORD]");
    expect(masker.push("jklm")).toBe("");
    expect(masker.held).toBe(0);
    expect(masker.push("!y")).toBe("!y");
    expect(masker.finish()).toBe("");
  });

  it("also falls where more attempts are alive than can be followed, at the same place for every cut", () => {
    const validator = () => ({ push: () => {}, accepts: () => false });
    const program = compile([{ name: "run", pattern: "a+b", validator }]);
    const text = `x ${"a".repeat(3000)} and on`;
    expect(program.mask(text)).toBe("x [RUN] and on");
    for (const largest of [1, 50, 1500]) expect(maskInCuts(program, randomCuts(new Random(largest), text, largest))).toBe("x [RUN] and on");
  });

  it("bounds what is held, whatever comes", () => {
    const program = compile([{ name: "all", pattern: "a[^]*?zzz" }, EMAIL, PASSWORD], { capUnits: 50 });
    const masker = program.open("plain");
    for (let count = 0; count < 1000; count++) {
      masker.push("abc password=q");
      expect(masker.held).toBeLessThanOrEqual(50);
    }
  });
});
