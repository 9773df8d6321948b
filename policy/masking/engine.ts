/** Compiled detectors ready to read text: the automaton, its tables, and what masking a match needs. Shared by every stream. */

import type { Automaton } from "./automaton.ts";
import { compileAutomaton } from "./compile-automaton.ts";
import type { Detector } from "./detector.ts";
import { type KeyedHash, type Replacer, replacerOf } from "./replacement.ts";
import { Tables, WORD_BITS } from "./tables.ts";

/** Code units a run may hold back before it fails closed (rule 5). */
const CAP_UNITS = 8192;

/** Limits, for tests and unusual machines. */
export interface EngineOptions {
  /** The key of `hash` replacements. */
  readonly hash?: KeyedHash;
  /** States kept before the tables are begun anew, where that is to be sooner than their size asks for; changes no output. */
  readonly maxStates?: number;
  /** Code units held before failing closed; 8,192 by the law, and wherever lanes of other syntaxes and views count on it. */
  readonly capUnits?: number;
}

export class Engine {
  readonly detectors: readonly Detector[];
  readonly automaton: Automaton;
  readonly replacers: readonly Replacer[];
  /** By rule: how to make its validator. A list of its own, for detectors are objects of many shapes, slow to look into. */
  readonly validators: readonly (Detector["validator"] | undefined)[];
  readonly capUnits: number;
  /** The class of every code unit. */
  readonly classOf: Uint16Array;
  /** By class: where its row of start states begins in `Tables.starts`. */
  readonly startRow: Int32Array;
  /** The row at the beginning of a text. */
  readonly firstRow: number;
  readonly blockBody: Uint8Array;
  readonly secretBegun: Uint8Array;
  /** Rules that are covered unfinished at every end of a text, and those that are where generation was cut: sets as `State.live`. */
  readonly blockRules: Uint32Array;
  readonly cutRules: Uint32Array;
  /** Scratch of the masker at work: rules whose candidates must wait. */
  readonly blocked: Uint32Array;
  private readonly maxStates: number;
  private current: Tables;

  /** @throws PatternError */
  constructor(detectors: readonly Detector[], options: EngineOptions = {}) {
    const { automaton, blockBody, secretBegun } = compileAutomaton(detectors);
    this.detectors = detectors;
    this.automaton = automaton;
    this.replacers = detectors.map((detector) => replacerOf(detector, options.hash));
    this.validators = detectors.map(({ validator }) => validator);
    this.capUnits = options.capUnits ?? CAP_UNITS;
    this.classOf = automaton.classes.ofUnit;
    this.startRow = Int32Array.from(automaton.startRowAfter, (row) => row * (automaton.edge + 1));
    this.firstRow = this.startRow[automaton.edge] ?? 0;
    this.blockBody = blockBody;
    this.secretBegun = secretBegun;
    this.blockRules = rulesWhere(detectors, ({ block }) => block === true);
    this.cutRules = rulesWhere(detectors, ({ block, credential }) => block === true || credential === true);
    this.blocked = new Uint32Array(Math.ceil(detectors.length / WORD_BITS));
    this.maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
    this.current = new Tables(automaton, this.maxStates);
  }

  /** The tables of now. A masker keeps its own until it can move its runs over. */
  get tables(): Tables {
    return this.current;
  }

  /** Begins new tables, unless another masker just did; returns the ones to use. */
  renew(full: Tables): Tables {
    if (this.current === full) this.current = new Tables(this.automaton, this.maxStates);
    return this.current;
  }
}

const rulesWhere = (detectors: readonly Detector[], holds: (detector: Detector) => boolean): Uint32Array => {
  const rules = new Uint32Array(Math.ceil(detectors.length / WORD_BITS));
  for (const [rule, detector] of detectors.entries()) {
    const word = Math.floor(rule / WORD_BITS);
    if (holds(detector)) rules[word] = (rules[word] ?? 0) | (1 << (rule % WORD_BITS));
  }
  return rules;
};
