/** The masking programs of a policy set: each set of detectors is compiled once, and equal sets share one program. */

import type { CustomDetector, MaskDocument, PolicyDocument } from "./document.ts";
import type { Detector } from "./masking/detector.ts";
import type { Program } from "./masking/program.ts";
import { warmUp } from "./masking/warm-up.ts";
import { answerDetectors } from "./rules/answer.ts";

/** What compiling policies needs of its surroundings. */
export interface ProgramSource {
  /** Packs and detectors by name, in catalogue order, each once. Throws for an unknown name. */
  detectorsNamed(names: readonly string[]): readonly Detector[];
  /** Compiles detectors and JSON keys into a program. Throws PatternError. */
  compileProgram(detectors: readonly Detector[], keys: readonly string[]): Program;
}

/** One policy's wishes for one direction. */
interface Wish {
  readonly names: readonly string[];
  readonly custom: readonly CustomDetector[];
  readonly keys: readonly string[];
  /** What rules about answers are made of. */
  readonly answers: readonly Detector[];
}

export type Direction = "request" | "response";

const nothing: Wish = { names: [], custom: [], keys: [], answers: [] };

const maskWish = (mask: MaskDocument | undefined, direction: Direction): Wish =>
  mask === undefined ? nothing : { ...nothing, names: mask[direction], custom: mask.custom, keys: mask.keys };

const wishOf = ({ name, mask, answers }: PolicyDocument, direction: Direction): Wish => {
  const wish = maskWish(mask, direction);
  return direction === "request" || answers === undefined ? wish : { ...wish, answers: answerDetectors(name, answers) };
};

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name < right.name ? -1 : Number(left.name > right.name);

const unite = (wishes: readonly Wish[]): Wish => ({
  names: [...new Set(wishes.flatMap(({ names }) => names))].sort(),
  custom: wishes.flatMap(({ custom }) => custom),
  keys: [...new Set(wishes.flatMap(({ keys }) => keys))].sort(),
  answers: wishes.flatMap(({ answers }) => answers).sort(byName),
});

const wantsNothing = (wish: Wish): boolean => Object.values(wish).every(({ length }) => length === 0);

/** A detector written in a policy, as the engine takes it. */
const customDetector = ({ name, pattern, replace }: CustomDetector): Detector =>
  replace === undefined ? { name, pattern } : { name, pattern, replace };

/**
 * What stops a text comes first, as the engine asks for, then custom detectors: who wrote a pattern of their own wants to read its name. Equal ones of several
 * policies are one.
 */
const detectorsOf = (source: ProgramSource, wish: Wish): readonly Detector[] => {
  const custom = new Map(wish.custom.toSorted(byName).map((each) => [JSON.stringify(each), each]));
  const stopping = wish.answers.filter(({ stops }) => stops === true);
  const hiding = wish.answers.filter(({ stops }) => stops !== true);
  return [...stopping, ...[...custom.values()].map(customDetector), ...hiding, ...source.detectorsNamed(wish.names)];
};

/**
 * Programs that are compiled before the first call: those of single policies, and the unions that several policies may come to. Most installations have
 * fewer of each; the rest are compiled, some 0.3 s each with the whole catalogue, when first met.
 */
const mostPreparedSingle = 64;
const mostPreparedUnited = 12;
/** Prepared programs that read a sample ahead of the first call, some 0.1 s each: the first are those of single policies. */
const mostWarmed = 16;
/** Programs kept at once. They are shared by equal sets, so that only a set with very many different masks comes near. */
const mostPrograms = 256;

/** Compiles and keeps the programs of one policy set. */
export class Programs {
  readonly #source: ProgramSource;
  readonly #recording: Wish;
  readonly #compiled = new Map<string, Program>();

  /** `recording`: the detectors that everything recorded is masked by. */
  constructor(source: ProgramSource, recording: readonly string[]) {
    this.#source = source;
    this.#recording = { ...nothing, names: recording };
  }

  /** What masks a direction for its reader under these policies; undefined when they mask nothing. */
  forReader(policies: readonly PolicyDocument[], direction: Direction): Program | undefined {
    const wish = unite(policies.map((policy) => wishOf(policy, direction)));
    return wantsNothing(wish) ? undefined : this.#program(wish);
  }

  /** What masks a direction for the record: the policies' detectors united with the recording's. */
  forRecord(policies: readonly PolicyDocument[], direction: Direction): Program {
    return this.#program(unite([...policies.map((policy) => wishOf(policy, direction)), this.#recording]));
  }

  /** What would stop an answer under these policies; undefined where nothing would. */
  forWatch(policies: readonly PolicyDocument[]): Program | undefined {
    const answers = policies.flatMap((policy) => wishOf(policy, "response").answers).filter(({ stops }) => stops === true);
    return answers.length === 0 ? undefined : this.#program(unite([{ ...nothing, answers }]));
  }

  /**
   * Compiles what the policies ask for, each by itself and then united with one another, as far as they are few, and warms it up, so that calls seldom wait.
   * @throws PatternError for a detector or key that cannot be compiled.
   */
  prepare(policies: readonly PolicyDocument[]): void {
    for (const direction of ["request", "response"] as const) {
      const wishes = different(policies.map((policy) => wishOf(policy, direction)).filter((wish) => !wantsNothing(wish)));
      this.#prepare(wishes, mostPreparedSingle);
      this.#prepare(unionsOf(wishes), mostPreparedUnited);
    }
    for (const program of [...this.#compiled.values()].slice(0, mostWarmed)) warmUp(program);
  }

  #prepare(wishes: readonly Wish[], most: number): void {
    for (const wish of wishes) {
      if (this.#compiled.size >= most) return;
      this.#program(wish);
      this.#program(unite([wish, this.#recording]));
    }
  }

  #program(wish: Wish): Program {
    const detectors = detectorsOf(this.#source, wish);
    const key = JSON.stringify([detectors.map(({ name, pattern, flags, replace }) => [name, pattern, flags, replace]), wish.keys]);
    let program = this.#compiled.get(key);
    if (program === undefined) {
      if (this.#compiled.size >= mostPrograms) this.#compiled.clear();
      program = this.#source.compileProgram(detectors, wish.keys);
      this.#compiled.set(key, program);
    }
    return program;
  }
}

const different = (wishes: readonly Wish[]): readonly Wish[] => [
  ...new Map(wishes.map((wish) => [JSON.stringify(unite([wish])), wish])).values(),
];

/** The unions of wishes two by two, then of all of them. */
const unionsOf = (wishes: readonly Wish[]): readonly Wish[] => {
  const few = wishes.slice(0, mostPreparedUnited);
  return [...few.flatMap((wish, index) => few.slice(index + 1).map((other) => unite([wish, other]))), unite(few)];
};
