/**
 * The automaton's deterministic states as far as texts have needed them: one row of a typed array each, filled while reading.
 *
 * A cell of a row is 0 where the run dies, positive where it merely goes on (the target's row, multiplied out), negative where something happens (minus the
 * number of an edge), `UNBUILT` where nothing was computed yet: the hot loop tests one sign.
 */

import { type Accept, type Automaton, cellOf, hasCell, NO_THREADS, type Step, type Threads } from "./automaton.ts";

/** Not computed yet. */
export const UNBUILT = -0x40000000;
/** Bits of a word of a rule set. */
export const WORD_BITS = 32;

/** A transition at which something happens besides going on. */
export interface Edge {
  /** The row gone to; 0: the run dies. */
  readonly target: number;
  /** New cells, where they are not simply the old ones (see `Step.moves`). */
  readonly moves: readonly number[] | undefined;
  readonly oldCells: number;
  readonly late: readonly Accept[];
  readonly now: readonly Accept[];
  /** Something matches with it. */
  readonly accepts: boolean;
}

/** What is known of a state besides its row. */
export interface State {
  readonly row: number;
  readonly threads: Threads;
  /** Rules with a thread that may still match, as bits. */
  readonly live: Uint32Array;
  /** Some of them cover their match from its very start. */
  readonly holdsStart: boolean;
  /** Cells that threads name. A state reached by dropping a rule may count more, and which of two equal states came first is history. */
  readonly named: readonly number[];
  /** States without a rule, made so far. */
  readonly without: Map<number, number>;
}

/** Threads kept by all states of one table before it is thrown away: about 16 MB. */
const MAX_THREADS = 2_000_000;
/** Cells of one table before it is thrown away: 16 MB, which is 20,000 states of the whole catalogue, or 100,000 of a list of words. */
const MAX_CELLS = 4_000_000;
const FIRST_ROWS = 128;
/** Marks of steps stay below this, a small integer of V8. */
const MAX_SERIAL = 0x3fffffff;

/** A column after the classes and the edge: the step in which a live run was last seen in this state. */
const MARK = 1;
/** A column: 1 where equal states do not mean equal futures. */
const START_MATTERS = 2;
/** A column: the number of the state. */
const NUMBER = 3;
const EXTRA_COLUMNS = 3;

export class Tables {
  /** Rows; replaced when it grows, so hot loops reload it after `build`. */
  cells: Int32Array;
  /** A row of first steps for every row of start classes. */
  readonly starts: Int32Array;
  readonly edges: Edge[] = [];
  readonly width: number;
  readonly mark: number;
  readonly startMatters: number;
  /** Patterns that match the empty text at once, by row of start states. */
  readonly empty: readonly (readonly Accept[])[];
  private readonly automaton: Automaton;
  private readonly states: State[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly startStates: number[];
  private readonly maxStates: number;
  private threads = 0;
  /** The current step of whoever is stepping: makes the marks of earlier steps stale. */
  private serial = 0;

  constructor(automaton: Automaton, maxStates: number) {
    this.automaton = automaton;
    this.width = automaton.edge + 1 + EXTRA_COLUMNS;
    this.mark = automaton.edge + MARK;
    this.startMatters = automaton.edge + START_MATTERS;
    this.maxStates = Math.min(maxStates, Math.floor(MAX_CELLS / this.width));
    this.cells = new Int32Array(FIRST_ROWS * this.width).fill(UNBUILT);
    this.starts = new Int32Array(automaton.startClasses.length * (automaton.edge + 1)).fill(UNBUILT);
    this.adopt(NO_THREADS);
    this.edges.push({ target: 0, moves: undefined, oldCells: 0, late: [], now: [], accepts: false });
    this.cells.fill(0, 0, automaton.edge + 1);
    const starts = automaton.startClasses.map((unit) => automaton.start(unit));
    this.startStates = starts.map(({ threads }) => this.adopt(threads));
    this.empty = starts.map(({ empty }) => empty);
  }

  /** Whether the table should be replaced before anything is added to it. */
  get full(): boolean {
    return this.states.length >= this.maxStates || this.threads >= MAX_THREADS;
  }

  get stateCount(): number {
    return this.states.length;
  }

  /** Bytes of the tables. */
  get bytes(): number {
    return this.cells.byteLength + this.starts.byteLength;
  }

  /** The state of a row. */
  state(row: number): State {
    const state = this.states[this.cells[row + this.automaton.edge + NUMBER] ?? 0];
    if (state === undefined) throw new RangeError("no such row");
    return state;
  }

  /** The row of the state with these threads; made if new. */
  adopt(threads: Threads): number {
    const row = threads.before < 0 ? "" : `|${this.automaton.startRowAfter[threads.before]}`;
    const key =
      threads.cells === 0 && !threads.tags.some((tag) => tag !== 0)
        ? threads.nodes.join() + row
        : `${threads.nodes.join()}/${threads.tags.join()}${row}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known * this.width;
    const number = this.states.length;
    this.numbers.set(key, number);
    this.threads += threads.nodes.length;
    this.writeRow(number, threads);
    return number * this.width;
  }

  private writeRow(number: number, threads: Threads): void {
    const row = number * this.width;
    if (row + this.width > this.cells.length) {
      const larger = new Int32Array(this.cells.length * 2).fill(UNBUILT);
      larger.set(this.cells);
      this.cells = larger;
    }
    const { rules, nfa, edge } = this.automaton;
    const live = new Uint32Array(Math.ceil(rules.length / WORD_BITS));
    let holdsStart = false;
    let startMatters = false;
    for (const [index, node] of threads.nodes.entries()) {
      const owner = nfa.owner[node] ?? 0;
      const rule = rules[owner];
      live[owner >> 5] = (live[owner >> 5] ?? 0) | (1 << (owner & 31));
      if (rule?.grouped !== true) holdsStart = true;
      if (rule?.validated === true && (!rule.grouped || hasCell(threads.tags[index] ?? 0))) startMatters = true;
    }
    this.cells[row + edge + MARK] = 0;
    this.cells[row + edge + START_MATTERS] = startMatters ? 1 : 0;
    this.cells[row + edge + NUMBER] = number;
    const named = [...new Set(threads.tags.filter(hasCell).map(cellOf))];
    this.states.push({ row, threads, live, holdsStart, named, without: new Map() });
  }

  /** Computes one step of a row and remembers it. */
  build(row: number, unit: number): number {
    const value = this.encode(this.automaton.step(this.state(row).threads, unit));
    this.cells[row + unit] = value;
    return value;
  }

  /** Computes the first step of a run and remembers it; `row` counts start rows. */
  buildStart(row: number, unit: number): number {
    const threads = this.state(this.startStates[row] ?? 0).threads;
    const value = this.encode(this.automaton.step(threads, unit), true);
    this.starts[row * (this.automaton.edge + 1) + unit] = value;
    return value;
  }

  /** The row a step leads to, whatever else happens in it. */
  target(row: number, unit: number): number {
    const known = this.cells[row + unit] ?? 0;
    return this.targetOf(known === UNBUILT ? this.build(row, unit) : known);
  }

  /** The row the first step of a run leads to. */
  firstTarget(row: number, unit: number): number {
    const known = this.starts[row * (this.automaton.edge + 1) + unit] ?? 0;
    return this.targetOf(known === UNBUILT ? this.buildStart(row, unit) : known);
  }

  private targetOf(value: number): number {
    return value >= 0 ? value : (this.edges[-value]?.target ?? 0);
  }

  /** The edge at the end of the text. */
  last(row: number): Edge | undefined {
    const known = this.cells[row + this.automaton.edge] ?? UNBUILT;
    const value = known === UNBUILT ? this.build(row, this.automaton.edge) : known;
    return value < 0 ? this.edges[-value] : undefined;
  }

  /** Begins a step: the number that marks the states met in it. */
  beginStep(): number {
    if (this.serial >= MAX_SERIAL) {
      for (let row = 0; row < this.states.length; row++) this.cells[row * this.width + this.mark] = 0;
      this.serial = 0;
    }
    return ++this.serial;
  }

  /** `starts`: the step is the first of its run. */
  private encode(step: Step, starts = false): number {
    const { threads, late, now, oldCells } = step;
    const target = threads.nodes.length === 0 ? 0 : this.adopt(threads);
    // A group that begins with the run needs no cell set: that is where cells begin which nothing was said of.
    const known = starts ? 1 : oldCells;
    const moves = inPlace(step.moves) && step.moves.length <= known ? undefined : step.moves;
    const accepts = late.length + now.length > 0;
    if (!accepts && moves === undefined) return target;
    return -(this.edges.push({ target, moves, oldCells, late, now, accepts }) - 1);
  }

  /** The row of a state without the threads of one rule. */
  without(row: number, rule: number): number {
    const { threads, without } = this.state(row);
    const known = without.get(rule);
    if (known !== undefined) return known;
    const { owner } = this.automaton.nfa;
    const kept = threads.nodes.map((_, index) => index).filter((index) => owner[threads.nodes[index] ?? 0] !== rule);
    const nodes = kept.map((index) => threads.nodes[index] ?? 0);
    const tags = kept.map((index) => threads.tags[index] ?? 0);
    const target = nodes.length === 0 ? 0 : nodes.length === threads.nodes.length ? row : this.adopt({ ...threads, nodes, tags });
    without.set(rule, target);
    return target;
  }
}

const inPlace = (moves: readonly number[]): boolean => moves.every((source, cell) => source === cell);
