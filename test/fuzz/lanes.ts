/**
 * Fuzzes what lies on the engine: `npx tsx test/fuzz/lanes.ts [seed] [checks]`. Lanes with views and JSON lanes, random detectors and the whole catalogue, random
 * keys: every cut of a text must be masked as the whole, and what was JSON must be JSON still. Exits 1 on the first mismatch, which it prints.
 */

import { pathToFileURL } from "node:url";
import { detectorsNamed } from "../../policy/catalogue/index.ts";
import { compile, type Detector, type LaneEnd, laneOptions, PatternError, type Program } from "../../policy/masking/index.ts";
import { randomCuts, randomDetectors } from "./generator.ts";
import { jsonText, mixedText } from "./lane-texts.ts";
import { Random } from "./random.ts";

/** What a run of the fuzzer counted. */
export interface LanesReport {
  checks: number;
  programs: number;
  refused: number;
  /** Checks of texts in which something was masked. */
  masked: number;
  /** Texts that were JSON, and had to stay so. */
  json: number;
  mismatch: LanesMismatch | undefined;
}

type Syntax = "plain" | "json";

/** A text that was masked otherwise in pieces than as a whole, or that is JSON no more. */
export interface LanesMismatch {
  readonly problem: "cut" | "no JSON";
  readonly syntax: Syntax;
  /** Absent: the catalogue's. */
  readonly detectors: readonly Detector[] | undefined;
  readonly keys: readonly string[];
  readonly text: string;
  readonly cuts: readonly string[];
  readonly complete: boolean;
  readonly got: string;
  readonly want: string;
}

const TEXTS_PER_PROGRAM = 60;
const LONGEST = 14;
/** Largest piece of every cut tried. */
const CUTS = [1, 2, 4, 5, 17, 150] as const;
/** Now and then a text is repeated until it is beyond the cap (rule 5). */
const LONG_CHANCE = 0.001;
const LONG_UNITS = 9000;
const KEYS: readonly (readonly string[])[] = [[], ["password"], ["a", "$.b.*"], ["**.ssn", "b-a"]];

/** A program under test, with what it was made of. */
interface Subject {
  readonly program: Program;
  readonly detectors: readonly Detector[] | undefined;
  readonly keys: readonly string[];
}

/** Runs until `checks` cuts were compared, or one differs. */
export function fuzzLanes(seed: number, checks: number): LanesReport {
  const random = new Random(seed);
  const catalogue = KEYS.slice(0, 2).map((keys) => ({
    program: compile(detectorsNamed(["all"]), laneOptions(keys)),
    detectors: undefined,
    keys,
  }));
  const report: LanesReport = { checks: 0, programs: 0, refused: 0, masked: 0, json: 0, mismatch: undefined };
  while (report.checks < checks && report.mismatch === undefined) {
    const subject = random.chance(0.3) ? random.pick(catalogue) : randomSubject(random);
    if (subject === undefined) report.refused++;
    else tryTexts(random, subject, report);
  }
  return report;
}

function randomSubject(random: Random): Subject | undefined {
  const detectors = randomDetectors(random, { validators: random.chance(0.5), groups: random.chance(0.5), unicode: random.chance(0.3) });
  const keys = random.pick(KEYS);
  try {
    return { program: compile(detectors, laneOptions(keys)), detectors, keys };
  } catch (thrown) {
    if (thrown instanceof PatternError) return undefined;
    throw thrown;
  }
}

function tryTexts(random: Random, subject: Subject, report: LanesReport): void {
  report.programs++;
  for (let count = 0; count < TEXTS_PER_PROGRAM && report.mismatch === undefined; count++) {
    const syntax = random.pick(["plain", "json"] as const);
    const short = syntax === "json" && random.chance(0.6) ? jsonText(random) : mixedText(random, LONGEST);
    const text = random.chance(LONG_CHANCE) ? short.repeat(Math.ceil(LONG_UNITS / short.length)) : short;
    tryText(random, subject, { syntax, text, end: { complete: random.chance(0.8) } }, report);
  }
}

interface Case {
  readonly syntax: Syntax;
  readonly text: string;
  readonly end: LaneEnd;
}

function tryText(random: Random, { program, detectors, keys }: Subject, { syntax, text, end }: Case, report: LanesReport): void {
  const want = maskInCuts(program, syntax, [text], end);
  const mismatch = (problem: LanesMismatch["problem"], cuts: readonly string[], got: string): void => {
    report.mismatch = { problem, syntax, detectors, keys, text, cuts, complete: end.complete, got, want };
  };
  if (syntax === "json" && isJson(text)) {
    report.json++;
    if (!isJson(want)) mismatch("no JSON", [text], want);
  }
  for (const largest of CUTS) {
    if (report.mismatch !== undefined) return;
    const cuts = randomCuts(random, text, largest);
    const got = maskInCuts(program, syntax, cuts, end);
    report.checks++;
    if (want !== text) report.masked++;
    if (got !== want) mismatch("cut", cuts, got);
  }
}

function maskInCuts(program: Program, syntax: Syntax, cuts: readonly string[], end: LaneEnd): string {
  const masker = program.open(syntax);
  let masked = "";
  for (const piece of cuts) masked += masker.push(piece);
  return masked + masker.finish(end);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function main(): void {
  const seed = Number(process.argv[2] ?? 1);
  const report = fuzzLanes(seed, Number(process.argv[3] ?? 1_000_000));
  process.stdout.write(`${JSON.stringify({ seed, ...report }, undefined, 2)}\n`);
  if (report.mismatch !== undefined) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
