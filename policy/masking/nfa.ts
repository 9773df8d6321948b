/** The prioritised automaton that every pattern of a program is written into, before it is determinised. */

import { PatternError } from "./pattern-error.ts";
import type { Ranges } from "./ranges.ts";

/** A condition on the code unit beside a position: a set (by its number), and whether the text's edge fulfils it. */
export interface Beside {
  readonly set: number;
  readonly edge: boolean;
}

/** Astral characters of a set: pairs of surrogates, by groups of highs that take the same lows. */
export interface PairSets {
  readonly highs: number;
  readonly lows: number;
}

/** A node; `next` is where the path goes on. Targets of a split stand in order of priority. */
export type Node =
  | { readonly kind: "unit"; readonly set: number; readonly next: number }
  | { readonly kind: "pair"; readonly pairs: readonly PairSets[]; readonly next: number }
  | { readonly kind: "split"; readonly targets: readonly number[] }
  | { readonly kind: "assert"; readonly before: Beside | undefined; readonly after: Beside | undefined; readonly next: number }
  | { readonly kind: "open" | "close"; readonly next: number }
  | { readonly kind: "match" };

/** Nodes one pattern may come to: bounds the cost of building a state, which is linear in it. */
export const MAX_PATTERN_NODES = 10_000;
/** Nodes a keyword list may come to: their tree is walked along one path, so that more of them cost memory, not time. */
export const MAX_KEYWORD_NODES = 200_000;
/** Nodes of all patterns together: some 100 MB of tables at worst. */
const MAX_NODES = 400_000;

/** Nodes by number, the detector each belongs to, and the sets of code units they name. */
export class Nfa {
  readonly nodes: Node[] = [];
  readonly owner: number[] = [];
  readonly sets: Ranges[] = [];
  private readonly setNumbers = new Map<string, number>();
  /** Nodes for the second halves of pairs, by pair node and group: made when a text needs them, for few texts do. */
  private readonly seconds = new Map<string, number>();
  private readonly firsts = new Map<number, number>();
  private detector = 0;
  private firstNode = 0;
  private limit = MAX_PATTERN_NODES;

  /** What is added from now on belongs to this detector. */
  begin(detector: number, limit = MAX_PATTERN_NODES): void {
    this.detector = detector;
    this.limit = limit;
    this.firstNode = this.nodes.length;
  }

  /**
   * Adds a node. `position` is where in the pattern it comes from.
   * @throws PatternError when the pattern, or all of them together, grow too large.
   */
  add(node: Node, position: number): number {
    if (this.nodes.length - this.firstNode >= this.limit) {
      throw new PatternError(position, `the pattern is too large: written out it has more than ${this.limit} steps`);
    }
    if (this.nodes.length >= MAX_NODES)
      throw new PatternError(position, `the patterns together are too large: more than ${MAX_NODES} steps`);
    this.owner.push(this.detector);
    return this.nodes.push(node) - 1;
  }

  /** Reserves a split whose targets are known only after its body was built (a loop). */
  loop(position: number): number {
    return this.add({ kind: "split", targets: [] }, position);
  }

  /** Gives a reserved split its targets. */
  close(loop: number, targets: readonly number[]): void {
    this.nodes[loop] = { kind: "split", targets };
  }

  /** The node for the second half of a pair whose first half matched. */
  second(first: number, group: number, lows: number, next: number): number {
    const key = `${first},${group}`;
    const known = this.seconds.get(key);
    if (known !== undefined) return known;
    this.owner.push(this.owner[first] ?? 0);
    const number = this.nodes.push({ kind: "unit", set: lows, next }) - 1;
    this.seconds.set(key, number);
    this.firsts.set(number, first);
    return number;
  }

  /** The node as it was written: for a second half, its pair. */
  written(node: number): number {
    return this.firsts.get(node) ?? node;
  }

  /** The number of a set of code units; equal sets share one. */
  set(ranges: Ranges): number {
    const key = ranges.join(";");
    const known = this.setNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.sets.push(ranges) - 1;
    this.setNumbers.set(key, number);
    return number;
  }
}
