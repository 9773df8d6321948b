/** Which of many patterns a text matches anywhere: prompt rules, and `matches` of policy expressions. The masker's automaton, linear time. */

import type { Automaton } from "./automaton.ts";
import { compileAutomaton } from "./compile-automaton.ts";
import { type Edge, Tables, UNBUILT } from "./tables.ts";

/** A pattern in JavaScript syntax, in the subset of rule 7. */
export interface MatcherPattern {
  readonly pattern: string;
  /** `i`, `s`, `m`, `u` in any combination; a leading `(?i)` in the pattern does as well. */
  readonly flags?: string;
}

/** Patterns compiled together. */
export interface Matcher {
  /** The indices of the patterns that match somewhere in the text, ascending. */
  test(text: string): readonly number[];
}

/** States of one table before it is begun anew: some 10 MB. */
const MAX_STATES = 20_000;

/**
 * Compiles patterns for searching.
 * @throws PatternError with the position; its `detector` is the index of the pattern.
 */
export function compileMatcher(patterns: readonly MatcherPattern[]): Matcher {
  const { automaton } = compileAutomaton(patterns.map(({ pattern, flags = "" }, index) => ({ name: String(index), pattern, flags })));
  return new AutomatonMatcher(automaton);
}

class AutomatonMatcher implements Matcher {
  private readonly automaton: Automaton;
  private tables: Tables;

  constructor(automaton: Automaton) {
    this.automaton = automaton;
    this.tables = new Tables(automaton, MAX_STATES);
  }

  test(text: string): readonly number[] {
    const search = new Search(this.automaton, this.tables);
    this.tables = search.run(text);
    return [...search.found].sort((a, b) => a - b);
  }
}

/** One search. It does not matter where a match begins, so that runs in equal states are one. */
class Search {
  readonly found = new Set<number>();
  private readonly automaton: Automaton;
  private tables: Tables;
  private states: number[] = [];

  constructor(automaton: Automaton, tables: Tables) {
    this.automaton = automaton;
    this.tables = tables;
  }

  /** Returns the tables to go on with. */
  run(text: string): Tables {
    const { classes, edge, rules } = this.automaton;
    let before = edge;
    for (let at = 0; at < text.length; at++) {
      if (this.found.size === rules.length) return this.tables;
      const unit = classes.ofUnit[text.charCodeAt(at)] ?? 0;
      this.step(unit, before);
      before = unit;
    }
    this.step(edge, before);
    return this.tables;
  }

  /** One unit, or the edge at the end, after one of the class `before`. */
  private step(unit: number, before: number): void {
    if (this.tables.full) this.renew();
    const { tables } = this;
    const row = this.automaton.startRowAfter[before] ?? 0;
    for (const { rule } of tables.empty[row] ?? []) this.found.add(rule);
    const serial = tables.beginStep();
    const next: number[] = [];
    for (const state of this.states)
      this.enter(
        this.target(tables.cells[state + unit] ?? 0, () => tables.build(state, unit)),
        serial,
        next,
      );
    const first = tables.starts[row * (this.automaton.edge + 1) + unit] ?? 0;
    this.enter(
      this.target(first, () => tables.buildStart(row, unit)),
      serial,
      next,
    );
    this.states = next;
  }

  private target(known: number, build: () => number): number {
    const value = known === UNBUILT ? build() : known;
    if (value >= 0) return value;
    const edge = this.tables.edges[-value];
    this.note(edge);
    return edge?.target ?? 0;
  }

  private enter(state: number, serial: number, next: number[]): void {
    const { cells, mark } = this.tables;
    if (state === 0 || cells[state + mark] === serial) return;
    cells[state + mark] = serial;
    next.push(state);
  }

  private note(edge: Edge | undefined): void {
    for (const { rule } of edge?.late ?? []) this.found.add(rule);
    for (const { rule } of edge?.now ?? []) this.found.add(rule);
  }

  private renew(): void {
    const tables = new Tables(this.automaton, MAX_STATES);
    this.states = this.states.map((state) => tables.adopt(this.tables.state(state).threads));
    this.tables = tables;
  }
}
