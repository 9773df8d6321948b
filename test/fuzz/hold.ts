/**
 * Fuzzes the hold-back: `npx tsx test/fuzz/hold.ts [seed] [checks]`. After a random text every continuation over a small alphabet is tried by the oracle;
 * what may be released is what no continuation covers or changes. Counts what the engine released too early, and what it held longer than needed.
 */

import { pathToFileURL } from "node:url";
import { compile, type Detector, PatternError, type Program } from "../../policy/masking/index.ts";
import { randomDetectors, randomText } from "./generator.ts";
import { oracleSpans } from "./oracle.ts";
import { Random } from "./random.ts";

/** What a run counted, with the first cases of each kind. */
export interface HoldReport {
  checks: number;
  early: HoldCase[];
  late: HoldCase[];
}

/** A text after which the engine had released another length than the continuations allow. */
export interface HoldCase {
  readonly detectors: readonly Detector[];
  readonly text: string;
  readonly released: number;
  readonly allowed: number;
}

const ALPHABET = ["a", "b", "1", "-", " "] as const;

/** All texts over the alphabet up to a length. */
function continuations(longest: number): readonly string[] {
  const all = [""];
  for (let from = 0, length = 0; length < longest; length++) {
    const to = all.length;
    for (; from < to; from++) for (const letter of ALPHABET) all.push(all[from] + letter);
  }
  return all;
}

/** How much of the text no continuation covers in part, and what the spans before it are is the same for all. */
function allowedRelease(detectors: readonly Detector[], text: string, after: readonly string[]): number {
  const futures = after.map((more) => oracleSpans(detectors, text + more));
  let allowed = text.length;
  for (;;) {
    const cut = Math.min(
      allowed,
      ...futures.flatMap((spans) => spans.filter(({ start, end }) => start < allowed && end > allowed).map(({ start }) => start)),
    );
    if (cut === allowed) {
      const before = futures.map((spans) => JSON.stringify(spans.filter(({ end }) => end <= allowed)));
      if (before.every((spans) => spans === before[0])) return allowed;
      allowed--;
    } else allowed = cut;
  }
}

/** Longest continuation tried by chance, and how many, where the exhaustive ones were too short to need what is held. */
const LONG = 14;
const CHANCES = 20_000;

/** Whether some longer continuation covers the text at `released`: then it was held rightly. */
function isCoveredLater(random: Random, detectors: readonly Detector[], text: string, released: number): boolean {
  for (let chance = 0; chance < CHANCES; chance++) {
    const spans = oracleSpans(detectors, text + randomText(random, LONG, false));
    if (spans.some(({ start, end }) => start <= released && end > released)) return true;
  }
  return false;
}

/** Any detectors: what is held may need a continuation longer than those tried. */
const anyDetectors = (random: Random): readonly Detector[] =>
  randomDetectors(random, { validators: false, groups: random.chance(0.4), unicode: false });

/** Tries `checks` texts with detectors that `make` makes, after which all continuations up to `depth` units are tried. */
export function fuzzHold(seed: number, checks: number, depth = 3, make = anyDetectors): HoldReport {
  const random = new Random(seed);
  const after = continuations(depth);
  const report: HoldReport = { checks: 0, early: [], late: [] };
  while (report.checks < checks) {
    const detectors = make(random);
    const program = compiled(detectors);
    if (program === undefined) continue;
    const text = randomText(random, 7, false);
    const masker = program.open("plain");
    for (const unit of text) masker.push(unit);
    const released = text.length - masker.held;
    const allowed = allowedRelease(detectors, text, after);
    report.checks++;
    if (released > allowed) report.early.push({ detectors, text, released, allowed });
    if (released < allowed && !isCoveredLater(random, detectors, text, released)) report.late.push({ detectors, text, released, allowed });
  }
  return report;
}

function compiled(detectors: readonly Detector[]): Program | undefined {
  try {
    return compile(detectors);
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
}

function main(): void {
  const seed = Number(process.argv[2] ?? 1);
  const report = fuzzHold(seed, Number(process.argv[3] ?? 2000), Number(process.argv[4] ?? 4));
  const { checks, early, late } = report;
  process.stdout.write(
    `${JSON.stringify({ seed, checks, early: early.length, late: late.length, examples: [...early, ...late].slice(0, 5) }, undefined, 1)}\n`,
  );
  if (early.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
