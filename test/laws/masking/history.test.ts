import { describe, expect, it } from "vitest";
import { detectorsNamed } from "../../../policy/catalogue/index.ts";
import { compile, type Detector, PatternError, type Program } from "../../../policy/masking/index.ts";
import { randomSecrets, randomText } from "../../fuzz/generator.ts";
import { Random } from "../../fuzz/random.ts";

/** What a lane told, unit by unit: the text released, and how much was held each time. */
interface Told {
  readonly masked: string;
  readonly held: readonly number[];
}

function unitByUnit(program: Program, text: string): Told {
  const masker = program.open("plain");
  const held: number[] = [];
  let masked = "";
  for (const unit of text.split("")) {
    masked += masker.push(unit);
    held.push(masker.held);
  }
  return { masked: masked + masker.finish(), held };
}

const compiled = (detectors: readonly Detector[], maxStates: number | undefined): Program | undefined => {
  try {
    return compile(detectors, maxStates === undefined ? {} : { maxStates });
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
};

/** Texts in the catalogue's own words, so that detectors with a secret group meet, follow and lose one another. */
const NAMES = [
  "api_key",
  "password: ",
  '"ibm_cloud_api_key":"',
  "client_secret = '",
  "token=",
  "AWS_SECRET_ACCESS_KEY=",
  "Authorization: Bearer ",
] as const;
const VALUES = [
  "abcd1234abcd1234ABCD1234--__",
  "hunter2!x",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz9Q8W7E6R",
  "eyJrIjoijl9t3ysk28ajv5mo3020uoi6vivs",
] as const;
const ENDS = ['"', "'", "\n", " ", ",", "\n</a>", '"}'] as const;

const secretText = (random: Random): string =>
  Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES) + random.pick(VALUES) + random.pick(ENDS)).join("");

describe("what a program has read before", () => {
  it("changes neither what it masks nor what it holds, while tables grow and are begun anew", () => {
    const random = new Random(4);
    for (let round = 0; round < 200; round++) {
      const detectors = randomSecrets(random);
      const maxStates = random.chance(0.3) ? 3 + random.below(30) : undefined;
      const experienced = compiled(detectors, maxStates);
      if (experienced === undefined) continue;
      const texts = Array.from({ length: 12 }, () => randomText(random, 12, false));
      for (const text of texts) experienced.mask(text);
      for (const text of texts) expect(unitByUnit(experienced, text)).toEqual(unitByUnit(compile(detectors), text));
    }
  });

  it("changes nothing for the catalogue's detectors with a secret group either", () => {
    const random = new Random(9);
    const grouped = detectorsNamed(["credentials"]).filter(({ pattern }) => pattern.includes("(?<secret>"));
    const [experienced, cramped] = [compile(grouped), compile(grouped, { maxStates: 200 })];
    for (let round = 0; round < 60; round++) {
      const text = secretText(random);
      const whole = experienced.mask(text);
      const told = unitByUnit(experienced, text);
      expect(told.masked).toBe(whole);
      expect(unitByUnit(cramped, text)).toEqual(told);
    }
  });
});
