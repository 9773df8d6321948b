/**
 * Fuzzes the masking engine against V8: `npx tsx test/fuzz/masking.ts [seed] [checks]`. Random detectors, random texts, random cuts; every cut of a text
 * must give what V8's own expressions give for the whole. Exits 1 on the first mismatch, which it prints.
 */

import { pathToFileURL } from "node:url";
import { compile, type Detector, PatternError, type Program } from "../../policy/masking/index.ts";
import { randomCuts, randomDetectors, randomText, type Variety } from "./generator.ts";
import { oracleMask } from "./oracle.ts";
import { Random } from "./random.ts";

/** What a run of the fuzzer counted. */
export interface FuzzReport {
  checks: number;
  programs: number;
  refused: number;
  /** Checks of texts in which something was masked. */
  masked: number;
  mismatch: Mismatch | undefined;
}

/** A text that was masked otherwise than V8 says. */
export interface Mismatch {
  readonly detectors: readonly Detector[];
  readonly text: string;
  readonly cuts: readonly string[];
  readonly got: string;
  readonly want: string;
}

const TEXTS_PER_PROGRAM = 12;
/** Largest piece of every cut tried: whole, units, and mixed. */
const CUTS = [Number.POSITIVE_INFINITY, 1, 2, 4] as const;
/** A table this small is begun anew all the time. */
const TINY_TABLE = 6;

/** Runs until `checks` cuts were compared, or one differs. */
export function fuzz(seed: number, checks: number, longest = 14): FuzzReport {
  const random = new Random(seed);
  const report: FuzzReport = { checks: 0, programs: 0, refused: 0, masked: 0, mismatch: undefined };
  while (report.checks < checks && report.mismatch === undefined) {
    const variety = { validators: random.chance(0.5), groups: random.chance(0.5), unicode: random.chance(0.4) };
    const detectors = randomDetectors(random, variety);
    const program = compiled(detectors, random.chance(0.2) ? TINY_TABLE : undefined);
    if (program === undefined) report.refused++;
    else tryTexts(random, program, variety, longest, report);
  }
  return report;
}

function compiled(detectors: readonly Detector[], maxStates: number | undefined): Program | undefined {
  try {
    return compile(detectors, maxStates === undefined ? {} : { maxStates });
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
}

function tryTexts(random: Random, program: Program, variety: Variety, longest: number, report: FuzzReport): void {
  report.programs++;
  for (let count = 0; count < TEXTS_PER_PROGRAM && report.mismatch === undefined; count++) {
    const text = randomText(random, longest, variety.unicode);
    const want = oracleMask(program.detectors, text);
    for (const largest of CUTS) {
      const cuts = largest === Number.POSITIVE_INFINITY ? [text] : randomCuts(random, text, largest);
      const got = maskInCuts(program, cuts);
      report.checks++;
      if (want !== text) report.masked++;
      if (got !== want) {
        report.mismatch = { detectors: program.detectors, text, cuts, got, want };
        return;
      }
    }
  }
}

/** The pieces masked one after another. */
export function maskInCuts(program: Program, cuts: readonly string[]): string {
  const masker = program.open("plain");
  let masked = "";
  for (const piece of cuts) masked += masker.push(piece);
  return masked + masker.finish();
}

function main(): void {
  const seed = Number(process.argv[2] ?? 1);
  const report = fuzz(seed, Number(process.argv[3] ?? 1_000_000));
  process.stdout.write(`${JSON.stringify({ seed, ...report }, undefined, 2)}\n`);
  if (report.mismatch !== undefined) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
