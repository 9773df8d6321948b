/** From the syntax tree of a pattern to nodes of the automaton, built from the end to the beginning: every part is told where the path goes on. */

import type { AST } from "@eslint-community/regexpp";
import { type CharacterNode, characterRanges, LINE_ENDS, wordRanges } from "./character-sets.ts";
import type { Beside, Nfa, PairSets } from "./nfa.ts";
import { type Flags, modified, nullable, type Parsed } from "./pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { complement, MAX_UNIT, normalise, type Range, type Ranges } from "./ranges.ts";
import { besideUnits, HIGH, LOW, splitPoints } from "./surrogates.ts";

/** The name of the capturing group that is masked alone. */
export const SECRET_GROUP = "secret";

/** The largest count of a quantifier, RE2's limit: counts are written out, and each is a state. */
export const MAX_COUNT = 1000;

/** Repetitions from this count on are taken for a body, as unbounded ones are: a line of a PEM block (RFC 7468, section 2). */
const BODY_REPEATS = 64;

/** One character: a unit (of the basic plane, with `u`), a pair of surrogates, or a surrogate that stands alone. */
interface CharacterParts {
  readonly units: number | undefined;
  readonly pairs: readonly PairSets[];
  readonly loneHighs: number | undefined;
  readonly loneLows: number | undefined;
}

/** Sets worked out already, by how they are written and the flags: `\p{L}` has 700 ranges, and packs repeat it. */
export class KnownSets {
  readonly characters = new Map<string, CharacterParts>();
  readonly beside = new Map<string, Beside>();
}

const keyOf = (node: AST.Node, flags: Flags): string => `${flags.i}${flags.s}${flags.m}${flags.u}${node.raw}`;

/** What one pattern became. */
export interface Built {
  readonly entry: number;
  readonly grouped: boolean;
  /** The loops that repeat without bound or often: where the body of a block begins. */
  readonly bodies: readonly number[];
}

/**
 * Adds a pattern to the automaton; its paths end in a `match` node.
 * @throws PatternError with the position of what lies outside the subset of rule 7.
 */
export function buildPattern(nfa: Nfa, parsed: Parsed, known: KnownSets): Built {
  const builder = new Builder(nfa, known);
  const entry = builder.node(parsed.ast, nfa.add({ kind: "match" }, 0), parsed.flags);
  return { entry, grouped: builder.grouped, bodies: builder.bodies };
}

/** Adds one literal text, in the characters of the flags; returns where it begins. `next` is where the path goes on. */
export function buildLiteral(nfa: Nfa, literal: string, next: number, fold: (unit: number) => Ranges): number {
  let entry = next;
  for (let at = literal.length - 1; at >= 0; at--)
    entry = nfa.add({ kind: "unit", set: nfa.set(fold(literal.charCodeAt(at))), next: entry }, at);
  return entry;
}

class Builder {
  readonly bodies: number[] = [];
  grouped = false;
  private readonly nfa: Nfa;
  private readonly known: KnownSets;
  /** Depth of quantifiers that repeat: a secret group within one would have many places. */
  private repeats = 0;

  constructor(nfa: Nfa, known: KnownSets) {
    this.nfa = nfa;
    this.known = known;
  }

  node(node: AST.Pattern | AST.Alternative | AST.Element, next: number, flags: Flags): number {
    switch (node.type) {
      case "Pattern":
        return this.alternatives(node, next, flags);
      case "Group":
        return this.alternatives(node, next, modified(flags, node.modifiers));
      case "CapturingGroup":
        return node.name === SECRET_GROUP ? this.secret(node, next, flags) : this.alternatives(node, next, flags);
      case "Alternative":
        return node.elements.reduceRight((following, element) => this.node(element, following, flags), next);
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return this.character(node, next, flags);
      case "Quantifier":
        return this.quantifier(node, next, flags);
      case "Assertion":
        return this.assertion(node, next, flags);
      case "Backreference":
        throw new PatternError(node.start, "back-references are not supported: they cannot be matched in linear time");
      case "ExpressionCharacterClass":
        throw new PatternError(node.start, "set operations in character classes (flag v) are not supported");
    }
  }

  private alternatives(node: AST.Pattern | AST.Group | AST.CapturingGroup, next: number, flags: Flags): number {
    const targets = node.alternatives.map((alternative) => this.node(alternative, next, flags));
    return this.choice(targets, node.start);
  }

  private choice(targets: readonly number[], position: number): number {
    const [only] = targets;
    return targets.length === 1 && only !== undefined ? only : this.nfa.add({ kind: "split", targets }, position);
  }

  private secret(node: AST.CapturingGroup, next: number, flags: Flags): number {
    if (this.repeats > 0)
      throw new PatternError(node.start, `the group "${SECRET_GROUP}" must not stand in a repetition: only its last place would be masked`);
    this.grouped = true;
    const close = this.nfa.add({ kind: "close", next }, node.end);
    return this.nfa.add({ kind: "open", next: this.alternatives(node, close, flags) }, node.start);
  }

  private character(node: CharacterNode, next: number, flags: Flags): number {
    const parts = this.partsOf(node, flags);
    const position = node.start;
    const targets: number[] = [];
    if (parts.units !== undefined) targets.push(this.nfa.add({ kind: "unit", set: parts.units, next }, position));
    if (parts.pairs.length > 0) targets.push(this.nfa.add({ kind: "pair", pairs: parts.pairs, next }, position));
    if (parts.loneHighs !== undefined) {
      const alone = this.nfa.add({ kind: "assert", before: undefined, after: this.not(LOW), next }, position);
      targets.push(this.nfa.add({ kind: "unit", set: parts.loneHighs, next: alone }, position));
    }
    if (parts.loneLows !== undefined) {
      const low = this.nfa.add({ kind: "unit", set: parts.loneLows, next }, position);
      targets.push(this.nfa.add({ kind: "assert", before: this.not(HIGH), after: undefined, next: low }, position));
    }
    return targets.length === 0 ? this.nfa.add({ kind: "unit", set: this.nfa.set([]), next }, position) : this.choice(targets, position);
  }

  /** Beside anything but a surrogate of this half, or at the edge. */
  private not(half: Range): Beside {
    return { set: this.nfa.set(complement([half], MAX_UNIT)), edge: true };
  }

  /** The sets of a one-character node, worked out once however often it is repeated. */
  private partsOf(node: CharacterNode, flags: Flags): CharacterParts {
    const key = keyOf(node, flags);
    const known = this.known.characters.get(key);
    if (known !== undefined) return known;
    const made = this.takeApart(characterRanges(node, flags), flags);
    this.known.characters.set(key, made);
    return made;
  }

  private takeApart(ranges: Ranges, flags: Flags): CharacterParts {
    const set = (members: Ranges): number | undefined => (members.length === 0 ? undefined : this.nfa.set(members));
    if (!flags.u) return { units: set(normalise(ranges)), pairs: [], loneHighs: undefined, loneLows: undefined };
    const { basic, loneHighs, loneLows, pairs } = splitPoints(ranges);
    return {
      units: set(basic),
      pairs: pairs.map(({ highs, lows }) => ({ highs: this.nfa.set(highs), lows: this.nfa.set(lows) })),
      loneHighs: set(loneHighs),
      loneLows: set(loneLows),
    };
  }

  private quantifier(node: AST.Quantifier, next: number, flags: Flags): number {
    const { min, max, element } = node;
    if (max === 0) return next;
    if (nullable(element))
      throw new PatternError(
        node.start,
        "what is repeated here can match the empty text: write the repetition so that each round matches something",
      );
    const largest = max === Infinity ? min : max;
    if (largest > MAX_COUNT) throw new PatternError(node.start, `the count ${largest} is too large: at most ${MAX_COUNT}`);
    if (max > 1) this.repeats++;
    const entry = this.repeated(node, next, flags);
    if (max > 1) this.repeats--;
    return entry;
  }

  private repeated(node: AST.Quantifier, next: number, flags: Flags): number {
    const { min, max, greedy, element, start } = node;
    const order = (body: number): readonly number[] => (greedy ? [body, next] : [next, body]);
    let entry = next;
    if (max === Infinity) {
      entry = this.nfa.loop(start);
      this.nfa.close(entry, order(this.node(element, entry, flags)));
      this.bodies.push(entry);
    } else {
      for (let optional = min; optional < max; optional++) {
        entry = this.nfa.add({ kind: "split", targets: order(this.node(element, entry, flags)) }, start);
      }
      if (max - min >= BODY_REPEATS) this.bodies.push(entry);
    }
    for (let required = 0; required < min; required++) entry = this.node(element, entry, flags);
    return entry;
  }

  private assertion(node: AST.Assertion, next: number, flags: Flags): number {
    switch (node.kind) {
      case "start":
      case "end": {
        const beside = { set: this.nfa.set(flags.m ? LINE_ENDS : []), edge: true };
        const sides = node.kind === "start" ? { before: beside, after: undefined } : { before: undefined, after: beside };
        return this.nfa.add({ kind: "assert", ...sides, next }, node.start);
      }
      case "word":
        return this.wordBoundary(node, next, flags);
      case "lookahead":
      case "lookbehind":
        return this.lookAround(node, next, flags);
    }
  }

  private wordBoundary(node: AST.WordBoundaryAssertion, next: number, flags: Flags): number {
    const word = wordRanges(flags);
    const inside = { set: this.nfa.set(word), edge: false };
    const outside = { set: this.nfa.set(complement(word, MAX_UNIT)), edge: true };
    const cases = node.negate
      ? [[inside, inside] as const, [outside, outside] as const]
      : [[inside, outside] as const, [outside, inside] as const];
    return this.choice(
      cases.map(([before, after]) => this.nfa.add({ kind: "assert", before, after, next }, node.start)),
      node.start,
    );
  }

  private lookAround(node: AST.LookaroundAssertion, next: number, flags: Flags): number {
    const key = keyOf(node, flags);
    const beside = this.known.beside.get(key) ?? this.besideOf(node, flags);
    this.known.beside.set(key, beside);
    const sides = node.kind === "lookahead" ? { before: undefined, after: beside } : { before: beside, after: undefined };
    return this.nfa.add({ kind: "assert", ...sides, next }, node.start);
  }

  private besideOf(node: AST.LookaroundAssertion, flags: Flags): Beside {
    const parts = node.alternatives.map(({ elements }) => {
      const [only] = elements;
      if (only === undefined || elements.length !== 1) throw tooWide(node);
      return this.besidePart(only, node, flags);
    });
    const all = normalise(parts.flatMap(({ points }) => [...points]));
    const units = flags.u
      ? besideUnits(all, node.kind === "lookahead" ? "after" : "before", node.negate)
      : node.negate
        ? complement(all, MAX_UNIT)
        : all;
    return { set: this.nfa.set(units), edge: parts.some(({ edge }) => edge) !== node.negate };
  }

  /** One alternative of a look-around: a character, or the edge it looks towards. */
  private besidePart(part: AST.Element, node: AST.LookaroundAssertion, flags: Flags): { points: Ranges; edge: boolean } {
    switch (part.type) {
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return { points: characterRanges(part, flags), edge: false };
      case "Assertion":
        if (part.kind !== (node.kind === "lookahead" ? "end" : "start")) throw tooWide(node);
        return { points: flags.m ? LINE_ENDS : [], edge: true };
      case "Group":
      case "CapturingGroup":
      case "Quantifier":
      case "Backreference":
      case "ExpressionCharacterClass":
        throw tooWide(node);
    }
  }
}

const tooWide = (node: AST.LookaroundAssertion): PatternError =>
  new PatternError(node.start, "a look-around may only look at one character: a character, a class, or the edge of the text");
