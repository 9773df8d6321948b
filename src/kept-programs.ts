/** Masking programs kept over reloads: a change of one policy compiles what is new, and not the whole catalogue again. */

import type { ProgramSource } from "../policy/index.ts";

type Compile = ProgramSource["compileProgram"];
type Program = ReturnType<Compile>;

/** As many as a set of policies keeps for itself. */
const mostPrograms = 256;

/** JSON leaves validators out: only the catalogue has any, one to a name, and somebody's own detector of the same name has none. */
const keyOf = (...[detectors, keys]: Parameters<Compile>): string =>
  JSON.stringify([detectors.map((detector) => [detector, detector.validator !== undefined]), keys]);

/** Programs of the last two sets of policies. INVARIANT: all are compiled in one way, with one key for pseudonyms. */
export class KeptPrograms {
  #before = new Map<string, Program>();
  #now = new Map<string, Program>();

  /** Begins another set: what neither it nor the one before it asks for is forgotten. */
  beginSet(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** `compile`, asked only for what is not kept. */
  through(compile: Compile): Compile {
    return (detectors, keys) => {
      const key = keyOf(detectors, keys);
      const program = this.#now.get(key) ?? this.#before.get(key) ?? compile(detectors, keys);
      if (this.#now.size >= mostPrograms) this.#now.clear();
      this.#now.set(key, program);
      return program;
    };
  }
}
