/** Random detectors and texts over a small alphabet, so that everything collides with everything. */

import type { Detector, Validator } from "../../policy/masking/index.ts";
import type { Random } from "./random.ts";

const LETTERS = ["a", "b", "1", "-", " "] as const;
const WIDE_LETTERS = [...LETTERS, "é", "É", "😀", "😁", "𝐀", "\ud83d", "\ude00", "\n"] as const;
const ATOMS = ["a", "b", "1", "-", "\\d", "\\w", "[ab]", "[a1]", "[^b]", "ab", "a1", ".", "[^ ]"] as const;
const WIDE_ATOMS = [
  ...ATOMS,
  "é",
  "😀",
  "[^a]",
  "\\p{L}",
  "\\p{Lu}",
  "\\P{L}",
  "[\\u{1F600}-\\u{1F601}b]",
  "\\p{So}",
  "\\W",
  "\\S",
] as const;
const QUANTIFIERS = ["+", "?", "*", "{2}", "{1,3}", "{2,}", "+?", "??", "*?", "{1,3}?"] as const;
const BEFORE = ["\\b", "(?<!a)", "(?<!\\w)", "(?<=-)", "(?<![a-])", "^", "\\B", "(?<=^|a)"] as const;
const AFTER = ["\\b", "(?!a)", "(?!\\d)", "(?=-|$)", "(?![a1])", "$", "\\B"] as const;

/** Passes texts whose length is a multiple of three, or that hold `11`: knows neither a best length nor a monotone one. */
class Odd implements Validator {
  private length = 0;
  private ones = 0;
  private pair = false;

  push(unit: number): void {
    this.length++;
    this.ones = unit === 0x31 ? this.ones + 1 : 0;
    this.pair ||= this.ones >= 2;
  }

  accepts(): boolean {
    return this.length % 3 === 0 || this.pair;
  }
}

/** What to vary. */
export interface Variety {
  readonly validators: boolean;
  readonly groups: boolean;
  readonly unicode: boolean;
}

/** Some detectors; patterns the engine refuses are the caller's to skip. */
export function randomDetectors(random: Random, variety: Variety): readonly Detector[] {
  return Array.from({ length: 1 + random.below(4) }, (_, index) => randomDetector(random, variety, index));
}

function randomDetector(random: Random, variety: Variety, index: number): Detector {
  const names = { name: `d-${index}`, label: `D${index}` };
  if (random.chance(0.08)) {
    return {
      ...names,
      pattern: "",
      keywords: Array.from({ length: 1 + random.below(4) }, () => randomText(random, 4, false)).filter((word) => word !== ""),
      ...(random.chance(0.3) ? { flags: "i" } : {}),
    };
  }
  const unicode = variety.unicode && random.chance(0.5);
  const flags = `${random.chance(0.2) ? "i" : ""}${random.chance(0.1) ? "s" : ""}${random.chance(0.1) ? "m" : ""}${unicode ? "u" : ""}`;
  const validator = variety.validators && random.chance(0.25) ? { validator: () => new Odd() } : {};
  const match = random.chance(0.15) ? { match: "longest" as const } : {};
  return { ...names, pattern: randomPattern(random, variety.groups && random.chance(0.4), unicode), flags, ...validator, ...match };
}

function randomPattern(random: Random, grouped: boolean, unicode: boolean): string {
  const atoms = unicode ? WIDE_ATOMS : ATOMS;
  let pattern = sequence(random, 1, atoms);
  if (grouped) {
    const secret = `(?<secret>${sequence(random, 1, atoms)})`;
    const before = random.chance(0.7) ? sequence(random, 1, atoms) : "";
    const after = random.chance(0.4) ? sequence(random, 1, atoms) : "";
    pattern = random.chance(0.15)
      ? `${before}(?:${secret}|${sequence(random, 0, atoms)})${after}`
      : `${before}${secret}${random.chance(0.2) ? "\\b" : ""}${after}`;
  }
  if (random.chance(0.25)) pattern = random.pick(BEFORE) + (/[|]/.test(pattern) ? `(?:${pattern})` : pattern);
  if (random.chance(0.25)) pattern = (/[|]/.test(pattern) ? `(?:${pattern})` : pattern) + random.pick(AFTER);
  return pattern;
}

function sequence(random: Random, depth: number, atoms: readonly string[]): string {
  let out = "";
  for (let count = 1 + random.below(3); count > 0; count--) {
    let part = depth > 0 && random.chance(0.35) ? alternatives(random, depth, atoms) : random.pick(atoms);
    if (random.chance(0.13)) part = (/^(\[.*\]|\\p\{.*\}|\\.|\(.*\)|.)$/u.test(part) ? part : `(?:${part})`) + random.pick(QUANTIFIERS);
    out += part;
  }
  return out;
}

const alternatives = (random: Random, depth: number, atoms: readonly string[]): string =>
  `(?:${sequence(random, depth - 1, atoms)}${random.chance(0.5) ? `|${sequence(random, depth - 1, atoms)}` : ""})`;

const NEAR_ATOMS = ["a", "b", "1", "[ab]", "[^b]", "\\w", "\\S", ".", "[a1]"] as const;
const NEAR_QUANTIFIERS = ["", "", "", "+", "{1,3}", "?", "*"] as const;

/** Detectors that all mask a group within their match, and so that their matches overlap: runs lose rules, and groups begin everywhere. */
export function randomSecrets(random: Random): readonly Detector[] {
  return Array.from({ length: 2 + random.below(3) }, (_, index) => ({
    name: `d-${index}`,
    label: `D${index}`,
    pattern: secretPattern(random),
  }));
}

function secretPattern(random: Random): string {
  const before = random.chance(0.6) ? nearSequence(random) : "";
  const secret = random.pick(NEAR_ATOMS) + (random.chance(0.5) ? nearSequence(random) : "");
  return `${before}(?<secret>${secret})${random.chance(0.5) ? nearSequence(random) : ""}`;
}

const nearSequence = (random: Random): string =>
  Array.from({ length: 1 + random.below(2) }, () => random.pick(NEAR_ATOMS) + random.pick(NEAR_QUANTIFIERS)).join("");

const SHORT_PARTS = ["a", "b", "1", ".", "[ab]", "[^b]", "a?", "(?:ab|1)", "(?:a|1b)"] as const;

/**
 * Detectors whose matches and contexts are so short that a few more units decide everything. None has an alternative that an earlier one always forestalls,
 * as `b` in `a?(?<secret>ab|b)` after an `a`: to the engine that one is possible still.
 */
export function randomShort(random: Random): readonly Detector[] {
  return Array.from({ length: 1 + random.below(3) }, (_, index) => {
    const name = `d-${index}`;
    if (random.chance(0.3)) return { name, pattern: shortSequence(random, 3), match: "longest" };
    if (random.chance(0.4)) return { name, pattern: shortSequence(random, 3) };
    return {
      name,
      pattern: `${shortSequence(random, 1)}(?<secret>${shortSequence(random, 1)})${random.chance(0.5) ? random.pick(SHORT_PARTS) : ""}`,
    };
  });
}

const shortSequence = (random: Random, most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(SHORT_PARTS)).join("");

/** A text of at most `longest` characters. */
export function randomText(random: Random, longest: number, unicode: boolean): string {
  const letters: readonly string[] = unicode ? WIDE_LETTERS : LETTERS;
  return Array.from({ length: random.below(longest + 1) }, () => random.pick(letters)).join("");
}

/** The text in random pieces; `largest` 1 gives single units. */
export function randomCuts(random: Random, text: string, largest: number): readonly string[] {
  const cuts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = 1 + random.below(largest);
    cuts.push(text.slice(at, at + length));
    at += length;
  }
  return cuts;
}
