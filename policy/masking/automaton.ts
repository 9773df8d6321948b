/**
 * The automaton of a set of patterns, and how its deterministic states are built: a state is a list of threads in order of priority, each a node of
 * the prioritised automaton with a tag that says where its secret group stands. Nothing here is cached; `Tables` does that.
 */

import type { Beside, Nfa } from "./nfa.ts";
import type { UnitClasses } from "./unit-classes.ts";

/** What the automaton needs to know of one pattern. */
export interface Rule {
  /** The first match in order of priority decides; else the longest. */
  readonly first: boolean;
  /** Has a secret group: only that is covered. */
  readonly grouped: boolean;
  /** What it matches depends on where it began (a validator): equal states do not mean equal futures. */
  readonly validated: boolean;
}

/**
 * Tags. A thread of a pattern with a secret group carries where the group stands; positions live in the run's *cells*, so that states stay few.
 * `NONE`: not yet begun (or no group at all); `OPENING`: begins at this very position; `VOID`: is empty, or was passed by;
 * then for every cell: inside, ending at this very position, ended (its end is in the cell).
 */
export const NONE = 0;
export const OPENING = 1;
export const VOID = 2;
const FIRST_CELL_TAG = 3;
const TAGS_PER_CELL = 3;
const INSIDE = 0;
const CLOSING = 1;
const DONE = 2;

const cellTag = (cell: number, phase: number): number => FIRST_CELL_TAG + TAGS_PER_CELL * cell + phase;
const phaseOf = (tag: number): number => (tag - FIRST_CELL_TAG) % TAGS_PER_CELL;

/** Whether the tag names a cell. */
export const hasCell = (tag: number): boolean => tag >= FIRST_CELL_TAG;
/** The cell a tag names. */
export const cellOf = (tag: number): number => Math.floor((tag - FIRST_CELL_TAG) / TAGS_PER_CELL);
/** Whether the group ends at the position at hand; else its end is in the cell. */
export const closesHere = (tag: number): boolean => phaseOf(tag) === CLOSING;

/** A list of threads: nodes and tags side by side. */
export interface Threads {
  readonly nodes: readonly number[];
  readonly tags: readonly number[];
  /** Cells the tags name, numbered in order of appearance. */
  readonly cells: number;
  /** The class of the unit before this position, where a thread waits for the next unit to decide an assertion; else −1. */
  readonly before: number;
}

/** A pattern reached its end; the tag is relative to the cells before the step for late ones, after it for the others. */
export interface Accept {
  readonly rule: number;
  readonly tag: number;
}

/** What one unit does to a list of threads. */
export interface Step {
  readonly threads: Threads;
  /** Where each new cell comes from: an old cell, `old` (opens before the unit), or `old + 1 + c` (cell c closes before the unit). */
  readonly moves: readonly number[];
  readonly oldCells: number;
  /** Matches that end before the unit: they waited for it. */
  readonly late: readonly Accept[];
  /** Matches that end after the unit. */
  readonly now: readonly Accept[];
}

/** No thread: a dead state. */
export const NO_THREADS: Threads = { nodes: [], tags: [], cells: 0, before: -1 };

const NO_ACCEPTS: readonly Accept[] = [];
/** Not a class: the next unit is not known yet. */
const UNKNOWN = -1;

export class Automaton {
  readonly nfa: Nfa;
  readonly entries: readonly number[];
  readonly rules: readonly Rule[];
  readonly classes: UnitClasses;
  /** The column that stands for the edge of the text. */
  readonly edge: number;
  /** For every class and the edge, which row of start states follows it; classes no assertion looks back at share one. */
  readonly startRowAfter: readonly number[];
  /** One class for every start row. */
  readonly startClasses: readonly number[];
  /** Visits of the closure at the position before the unit, and of the one after it. */
  private readonly here: Visits;
  private readonly there: Visits;

  constructor(nfa: Nfa, entries: readonly number[], rules: readonly Rule[], classes: UnitClasses) {
    this.nfa = nfa;
    this.entries = entries;
    this.rules = rules;
    this.classes = classes;
    this.edge = classes.count;
    const { rowAfter, examples } = this.startRows();
    this.startRowAfter = rowAfter;
    this.startClasses = examples;
    this.here = new Visits(nfa.nodes.length, rules.length);
    this.there = new Visits(nfa.nodes.length, rules.length);
  }

  /** The threads of every pattern at a position after a unit of the class (or the edge). */
  start(before: number): { readonly threads: Threads; readonly empty: readonly Accept[] } {
    const list = new ThreadList();
    this.there.begin();
    for (const entry of this.entries) this.follow({ from: entry, tag: NONE, before, after: UNKNOWN, visits: this.there }, list);
    return { threads: list.settle(before).threads, empty: list.accepts };
  }

  /** Steps over one unit of the class, or over the edge. */
  step(from: Threads, unit: number): Step {
    const list = new ThreadList();
    const late: Accept[] = [];
    const { here } = this;
    here.begin();
    this.there.begin();
    for (let index = 0; index < from.nodes.length; index++) {
      const thread = from.nodes[index] ?? 0;
      const tag = from.tags[index] ?? NONE;
      if (here.isCut(this.nfa.owner[thread] ?? 0)) continue;
      const node = this.nfa.nodes[thread];
      if (node?.kind === "unit" || node?.kind === "pair") {
        if (here.visit(thread)) this.consume(thread, tag, unit, from.cells, list);
      } else if (node?.kind === "assert" && this.holds(node.after, unit)) {
        const decided = new ThreadList();
        this.follow({ from: node.next, tag, before: from.before, after: unit, visits: here }, decided);
        late.push(...decided.accepts);
        for (const [at, next] of decided.nodes.entries()) this.consume(next, decided.tags[at] ?? NONE, unit, from.cells, list);
      }
    }
    const { threads, moves } = list.settle(unit);
    return { threads, moves, oldCells: from.cells, late: late.length === 0 ? NO_ACCEPTS : late, now: list.settleAccepts() };
  }

  /** Whether a condition on the neighbouring class holds. */
  private holds(beside: Beside | undefined, unit: number): boolean {
    if (beside === undefined) return true;
    return unit === this.edge ? beside.edge : this.classes.members[beside.set]?.[unit] === 1;
  }

  private consume(thread: number, tag: number, unit: number, oldCells: number, list: ThreadList): void {
    const from = unit === this.edge ? undefined : this.afterUnit(thread, unit);
    if (from !== undefined) this.follow({ from, tag: tagAfterUnit(tag, oldCells), before: unit, after: UNKNOWN, visits: this.there }, list);
  }

  /** The node a thread goes on with, if it takes the unit. */
  private afterUnit(thread: number, unit: number): number | undefined {
    const { members } = this.classes;
    const node = this.nfa.nodes[thread];
    if (node?.kind === "unit") return members[node.set]?.[unit] === 1 ? node.next : undefined;
    if (node?.kind !== "pair") return undefined;
    const group = node.pairs.findIndex(({ highs }) => members[highs]?.[unit] === 1);
    const pair = node.pairs[group];
    return pair === undefined ? undefined : this.nfa.second(thread, group, pair.lows, node.next);
  }

  /** Follows every path without a unit, in order of priority, and lists where it must wait; a match cuts what is of lower priority in its pattern. */
  private follow(way: { from: number; tag: number; before: number; after: number; visits: Visits }, list: ThreadList): void {
    const { nodes, owner } = this.nfa;
    const { before, after, visits } = way;
    const stack = [way.from];
    const tags = [way.tag];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const tag = tags.pop() ?? NONE;
      const rule = owner[at] ?? 0;
      if (visits.isCut(rule) || !visits.visit(at)) continue;
      const node = nodes[at];
      switch (node?.kind) {
        case undefined:
          break;
        case "unit":
        case "pair":
          list.add(at, tag);
          break;
        case "match":
          list.accept(rule, tag);
          if (this.rules[rule]?.first === true) visits.cutOff(rule);
          break;
        case "split":
          for (let target = node.targets.length - 1; target >= 0; target--) {
            stack.push(node.targets[target] ?? 0);
            tags.push(tag);
          }
          break;
        case "assert":
          if (!this.holds(node.before, before)) break;
          if (node.after !== undefined && after === UNKNOWN) list.add(at, tag, true);
          else if (this.holds(node.after, after)) {
            stack.push(node.next);
            tags.push(tag);
          }
          break;
        case "open":
          stack.push(node.next);
          tags.push(OPENING);
          break;
        case "close":
          stack.push(node.next);
          tags.push(tag === OPENING ? VOID : cellTag(cellOf(tag), CLOSING));
          break;
      }
    }
  }

  /** Classes that every look-behind condition treats alike share a row of start states. */
  private startRows(): { rowAfter: readonly number[]; examples: readonly number[] } {
    const conditions = new Map<string, Beside>();
    for (const node of this.nfa.nodes) {
      if (node.kind === "assert" && node.before !== undefined) conditions.set(`${node.before.set},${node.before.edge}`, node.before);
    }
    const rows = new Map<string, number>();
    const examples: number[] = [];
    const rowAfter: number[] = [];
    for (let unit = 0; unit <= this.edge; unit++) {
      const key = [...conditions.values()].map((condition) => (this.holds(condition, unit) ? "1" : "0")).join("");
      let row = rows.get(key);
      if (row === undefined) {
        row = rows.size;
        rows.set(key, row);
        examples.push(unit);
      }
      rowAfter.push(row);
    }
    return { rowAfter, examples };
  }
}

/** The tag after a unit: what began or ended before it now has its position in a cell. */
function tagAfterUnit(tag: number, oldCells: number): number {
  if (tag === NONE || tag === VOID) return tag;
  if (tag === OPENING) return cellTag(oldCells, INSIDE);
  return phaseOf(tag) === CLOSING ? cellTag(oldCells + 1 + cellOf(tag), DONE) : tag;
}

/** Which nodes one closure has come to, and which rules were cut by a match of higher priority. */
class Visits {
  private nodes: Int32Array;
  private readonly rules: Int32Array;
  private round = 0;

  constructor(nodes: number, rules: number) {
    this.nodes = new Int32Array(nodes);
    this.rules = new Int32Array(rules);
  }

  begin(): void {
    this.round = (this.round + 1) | 0;
  }

  /** Whether this is the first visit of the node in this round. */
  visit(node: number): boolean {
    if (this.nodes[node] === this.round) return false;
    if (node >= this.nodes.length) this.grow(node);
    this.nodes[node] = this.round;
    return true;
  }

  /** Makes room for nodes that were added while reading. */
  private grow(node: number): void {
    const larger = new Int32Array(2 * node + 1);
    larger.set(this.nodes);
    this.nodes = larger;
  }

  isCut(rule: number): boolean {
    return this.rules[rule] === this.round;
  }

  cutOff(rule: number): void {
    this.rules[rule] = this.round;
  }
}

/** Threads while they are listed; `settle` numbers their cells in order of appearance. */
class ThreadList {
  readonly nodes: number[] = [];
  readonly tags: number[] = [];
  readonly accepts: Accept[] = [];
  private waits = false;
  private readonly cells = new Map<number, number>();

  add(node: number, tag: number, waits = false): void {
    this.nodes.push(node);
    this.tags.push(tag);
    this.waits ||= waits;
  }

  accept(rule: number, tag: number): void {
    this.accepts.push({ rule, tag });
  }

  settle(unit: number): { threads: Threads; moves: readonly number[] } {
    const tags = this.tags.map((tag) => this.renumber(tag));
    const threads = { nodes: this.nodes, tags, cells: this.cells.size, before: this.waits ? unit : -1 };
    for (const { tag } of this.accepts) this.renumber(tag);
    return { threads, moves: [...this.cells.keys()] };
  }

  settleAccepts(): readonly Accept[] {
    return this.accepts.length === 0 ? NO_ACCEPTS : this.accepts.map(({ rule, tag }) => ({ rule, tag: this.renumber(tag) }));
  }

  private renumber(tag: number): number {
    if (!hasCell(tag)) return tag;
    const source = cellOf(tag);
    let cell = this.cells.get(source);
    if (cell === undefined) {
      cell = this.cells.size;
      this.cells.set(source, cell);
    }
    return cellTag(cell, phaseOf(tag));
  }
}
