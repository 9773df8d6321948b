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
  /** The list that the next step's states go into; the two change places. */
  private spare: number[] = [];

  constructor(automaton: Automaton, tables: Tables) {
    this.automaton = automaton;
    this.tables = tables;
  }

  /** Returns the tables to go on with. */
  run(text: string): Tables {
    const { classes, edge, rules } = this.automaton;
    const mayRest = this.tables.empty.every((accepts) => accepts.length === 0);
    let before = edge;
    for (let at = 0; at < text.length; at++) {
      if (this.found.size === rules.length) return this.tables;
      if (mayRest && this.states.length === 0) {
        const next = this.rest(text, at, before);
        if (next > at) before = classes.ofUnit[text.charCodeAt(next - 1)] ?? 0;
        at = next;
        if (at >= text.length) break;
      }
      const unit = classes.ofUnit[text.charCodeAt(at)] ?? 0;
      this.step(unit, before);
      before = unit;
    }
    this.step(edge, before);
    return this.tables;
  }

  /** Passes over what begins nothing while nothing is live: nearly all of a harmless text. Returns the offset of the first unit that begins something. */
  private rest(text: string, from: number, before: number): number {
    const { classes, edge, startRowAfter } = this.automaton;
    const { ofUnit } = classes;
    const { starts } = this.tables;
    const width = edge + 1;
    let row = startRowAfter[before] as number;
    let at = from;
    for (; at < text.length; at++) {
      const unit = ofUnit[text.charCodeAt(at)] as number;
      if (starts[row * width + unit] !== 0) break;
      row = startRowAfter[unit] as number;
    }
    return at;
  }

  /** One unit, or the edge at the end, after one of the class `before`. */
  private step(unit: number, before: number): void {
    if (this.tables.full) this.renew();
    const { tables, states, spare: next } = this;
    const row = this.automaton.startRowAfter[before] ?? 0;
    for (const { rule } of tables.empty[row] ?? []) this.found.add(rule);
    const serial = tables.beginStep();
    next.length = 0;
    for (const state of states) {
      const known = tables.cells[state + unit] ?? 0;
      this.enter(this.target(known === UNBUILT ? tables.build(state, unit) : known), serial, next);
    }
    const first = tables.starts[row * (this.automaton.edge + 1) + unit] ?? 0;
    this.enter(this.target(first === UNBUILT ? tables.buildStart(row, unit) : first), serial, next);
    this.states = next;
    this.spare = states;
  }

  private target(value: number): number {
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
