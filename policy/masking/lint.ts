/** What is wise to know of a pattern before it runs on every text: `weir detectors lint`. */

import type { AST } from "@eslint-community/regexpp";
import type { Automaton } from "./automaton.ts";
import { characterRanges } from "./character-sets.ts";
import { compileAutomaton } from "./compile-automaton.ts";
import type { Detector } from "./detector.ts";
import { type Flags, nullable, parsePattern } from "./pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { size } from "./ranges.ts";
import { Tables } from "./tables.ts";

/** What is wrong with a pattern. */
export type LintCode = "refused" | "matches-empty" | "no-left-boundary" | "unbounded-prefix" | "many-live-runs" | "many-states";

/** One remark about one detector. */
export interface LintFinding {
  readonly detector: string;
  readonly code: LintCode;
  /** UTF-16 offset in the pattern. */
  readonly position: number;
  readonly message: string;
}

/** A class from this size on starts at nearly every word: letters, digits, or more. */
const WIDE_START = 10;
/** Live runs at one position from which on a pattern is slow on texts written against it. */
const MANY_RUNS = 32;
/** States from which on a pattern's table is large: half of a program of a hundred detectors. */
const MANY_STATES = 1000;
/** Classes tried one by one. */
const MAX_CLASSES = 64;
/** Units of each adversarial text tried. */
const TRIAL_UNITS = 4096;
/** Classes tried by chance until one keeps a run alive. */
const ATTEMPTS = 16;

/** Lints one detector; an empty list is praise. */
export function lint(detector: Detector): readonly LintFinding[] {
  const remark = (code: LintCode, position: number, message: string): LintFinding => ({ detector: detector.name, code, position, message });
  try {
    return [...(detector.keywords === undefined ? shape(detector, remark) : []), ...trial(detector, remark)];
  } catch (thrown) {
    if (thrown instanceof PatternError) return [remark("refused", thrown.position, thrown.message)];
    throw thrown;
  }
}

type Remark = (code: LintCode, position: number, message: string) => LintFinding;

/** What can be seen in the pattern itself. */
function shape(detector: Detector, remark: Remark): readonly LintFinding[] {
  const { ast, flags } = parsePattern(detector.pattern, detector.flags);
  const findings: LintFinding[] = [];
  if (nullable(ast)) findings.push(remark("matches-empty", ast.start, "the pattern can match the empty text, which is never masked"));
  for (const alternative of ast.alternatives) {
    const start = beginning(alternative, flags);
    if (start === undefined || start.bounded || start.breadth < WIDE_START) continue;
    const what = `begins at any of ${start.breadth} characters without a left boundary: put \\b or (?<!…) before it`;
    findings.push(remark("no-left-boundary", start.position, what));
    if (start.unbounded)
      findings.push(remark("unbounded-prefix", start.position, "what repeats at the beginning has no end: a long word is held back whole"));
  }
  return findings;
}

interface Beginning {
  readonly position: number;
  readonly bounded: boolean;
  readonly breadth: number;
  readonly unbounded: boolean;
}

/** How an alternative begins: the widest class it may start with, and whether an assertion stands before it. */
function beginning(alternative: AST.Alternative, flags: Flags): Beginning | undefined {
  const [first, ...rest] = alternative.elements;
  if (first === undefined) return undefined;
  switch (first.type) {
    case "Assertion":
      return { position: first.start, bounded: first.kind !== "lookahead" && first.kind !== "end", breadth: 0, unbounded: false };
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
      return { position: first.start, bounded: false, breadth: size(characterRanges(first, flags)), unbounded: false };
    case "Quantifier": {
      const inner = elementBeginning(first.element, flags);
      const after = first.min === 0 ? beginning({ ...alternative, elements: rest }, flags) : undefined;
      if (inner === undefined) return after;
      return { ...inner, breadth: Math.max(inner.breadth, after?.breadth ?? 0), unbounded: inner.unbounded || first.max === Infinity };
    }
    case "Group":
    case "CapturingGroup":
      return elementBeginning(first, flags);
    case "Backreference":
    case "ExpressionCharacterClass":
      return undefined;
  }
}

function elementBeginning(element: AST.QuantifiableElement, flags: Flags): Beginning | undefined {
  if (element.type === "Group" || element.type === "CapturingGroup") {
    const starts = element.alternatives.map((alternative) => beginning(alternative, flags)).filter((start) => start !== undefined);
    const open = starts.filter((start) => !start.bounded);
    return (open.length > 0 ? open : starts).reduce<Beginning | undefined>(
      (widest, start) => (widest === undefined || start.breadth > widest.breadth ? start : widest),
      undefined,
    );
  }
  if (element.type === "Character" || element.type === "CharacterSet" || element.type === "CharacterClass") {
    return { position: element.start, bounded: false, breadth: size(characterRanges(element, flags)), unbounded: false };
  }
  return undefined;
}

/** What shows when the pattern runs on texts written against it. */
function trial(detector: Detector, remark: Remark): readonly LintFinding[] {
  const { automaton } = compileAutomaton([detector]);
  const tables = new Tables(automaton, MANY_STATES * 2);
  let worst = 0;
  for (const next of readers(automaton)) worst = Math.max(worst, liveRuns(tables, automaton, next));
  const findings: LintFinding[] = [];
  if (worst >= MANY_RUNS)
    findings.push(remark("many-live-runs", 0, `up to ${worst} attempts are alive at once in a text written against the pattern`));
  if (tables.stateCount >= MANY_STATES) findings.push(remark("many-states", 0, `the pattern needs more than ${MANY_STATES} states`));
  return findings;
}

/** Chooses the class of the next unit of a text, by its place; `steady` ones always choose the same. */
interface Reader {
  readonly steady: boolean;
  readonly read: (at: number) => number;
}

/** One class over and over, every class in turn, and classes by chance. */
function* readers(automaton: Automaton): Generator<Reader> {
  for (let unit = 0; unit < Math.min(automaton.edge, MAX_CLASSES); unit++) yield { steady: true, read: () => unit };
  yield { steady: false, read: (at) => at % automaton.edge };
  let chance = 1;
  const read = (): number => {
    chance = (Math.imul(chance, 1103515245) + 12345) >>> 0;
    return (chance >>> 16) % automaton.edge;
  };
  yield { steady: false, read };
}

/** The most runs alive at once; equal states count once where they mean equal futures. */
function liveRuns(tables: Tables, automaton: Automaton, reader: Reader): number {
  let live: readonly number[] = [];
  let before = automaton.edge;
  let most = 0;
  for (let at = 0; at < TRIAL_UNITS && !tables.full; at++) {
    let unit = before;
    let next: readonly number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS && next.length === 0; attempt++) {
      unit = reader.read(at);
      next = stepAll(tables, live, automaton.startRowAfter[before] ?? 0, unit);
    }
    if (reader.steady && live.length === next.length && live.every((state, index) => state === next[index])) return most;
    live = next;
    most = Math.max(most, live.length);
    before = unit;
  }
  return most;
}

function stepAll(tables: Tables, live: readonly number[], row: number, unit: number): readonly number[] {
  const next = [...live.map((state) => tables.target(state, unit)), tables.firstTarget(row, unit)].filter((state) => state !== 0);
  const startMatters = (state: number): boolean => tables.cells[state + tables.startMatters] !== 0;
  return [...new Set(next.filter((state) => !startMatters(state))), ...next.filter(startMatters)];
}
