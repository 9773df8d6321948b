/** From detectors to the automaton. */

import { Automaton } from "./automaton.ts";
import type { Detector } from "./detector.ts";
import { MAX_KEYWORD_NODES, MAX_PATTERN_NODES, Nfa, type Node } from "./nfa.ts";
import { buildLiteral, buildPattern, KnownSets } from "./nfa-builder.ts";
import { parsePattern } from "./pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { type Ranges, size } from "./ranges.ts";
import { ignoringCase } from "./unicode.ts";
import { unitClasses } from "./unit-classes.ts";

/** A class of fewer units than this spells a public prefix (`gh[pousr]_`); a wider one (ten digits) spells a secret. */
const SECRET_BREADTH = 10;

/** The automaton of some detectors, and the nodes from which on a cut or unfinished match is masked (rule 6). */
export interface CompiledAutomaton {
  readonly automaton: Automaton;
  /** By node: within the body of a block-type secret. */
  readonly blockBody: Uint8Array;
  /** By node: past the first unit of a secret that is no public prefix. */
  readonly secretBegun: Uint8Array;
}

/**
 * Compiles detectors into one automaton; the order of the list is the order of priority.
 * @throws PatternError with the detector's name and the position in its pattern.
 */
export function compileAutomaton(detectors: readonly Detector[]): CompiledAutomaton {
  const nfa = new Nfa();
  const entries: number[] = [];
  const rules: { first: boolean; grouped: boolean; validated: boolean }[] = [];
  const bodies: number[] = [];
  const known = new KnownSets();
  for (const [index, detector] of detectors.entries()) {
    nfa.begin(index, detector.keywords === undefined ? MAX_PATTERN_NODES : MAX_KEYWORD_NODES);
    const built = named(detector.name, () => build(nfa, detector, known));
    entries.push(built.entry);
    if (detector.block === true) bodies.push(...built.bodies);
    const validated = detector.validator !== undefined;
    rules.push({ first: !validated && detector.keywords === undefined && detector.match !== "longest", grouped: built.grouped, validated });
  }
  const secrets = nfa.nodes.flatMap((node) => (isBroad(nfa, node) ? [node.next] : []));
  return {
    automaton: new Automaton(nfa, entries, rules, unitClasses(nfa.sets)),
    blockBody: reachable(nfa.nodes, bodies),
    secretBegun: reachable(nfa.nodes, secrets),
  };
}

const isBroad = (nfa: Nfa, node: Node): node is Node & { readonly next: number } =>
  node.kind === "pair" || (node.kind === "unit" && size(nfa.sets[node.set] ?? []) >= SECRET_BREADTH);

function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof PatternError) throw new PatternError(thrown.position, thrown.message, name);
    throw thrown;
  }
}

function build(nfa: Nfa, detector: Detector, known: KnownSets): { entry: number; grouped: boolean; bodies: readonly number[] } {
  if (detector.keywords === undefined) return buildPattern(nfa, parsePattern(detector.pattern, detector.flags), known);
  const ignoreCase = detector.flags?.includes("i") === true;
  const units = new Map<number, Ranges>();
  const fold = (unit: number): Ranges => {
    const folded = units.get(unit) ?? (ignoreCase ? ignoringCase([[unit, unit]], false) : ([[unit, unit]] as const));
    units.set(unit, folded);
    return folded;
  };
  return { entry: keywordTree(nfa, detector.keywords, fold), grouped: false, bodies: [] };
}

/** Keywords share their beginnings, so that thousands of them cost one path each and not one thread each. */
function keywordTree(nfa: Nfa, keywords: readonly string[], fold: (unit: number) => Ranges): number {
  const match = nfa.add({ kind: "match" }, 0);
  const branch = (words: readonly string[], depth: number): number => {
    const targets: number[] = [];
    const groups = new Map<number, string[]>();
    for (const word of words) {
      if (word.length === depth) targets.push(match);
      else groups.set(word.charCodeAt(depth), [...(groups.get(word.charCodeAt(depth)) ?? []), word]);
    }
    for (const group of groups.values()) {
      const shared = sharedLength(group);
      targets.push(buildLiteral(nfa, (group[0] ?? "").slice(depth, shared), branch(group, shared), fold));
    }
    const [only] = targets;
    return targets.length === 1 && only !== undefined ? only : nfa.add({ kind: "split", targets }, depth);
  };
  return branch([...new Set(keywords.filter((word) => word !== ""))], 0);
}

function sharedLength(words: readonly string[]): number {
  const [first = "", ...others] = words;
  let length = first.length;
  for (const other of others) {
    let at = 0;
    while (at < length && first.charCodeAt(at) === other.charCodeAt(at)) at++;
    length = at;
  }
  return length;
}

/** The nodes that a path from one of these can come to, as flags by node. */
function reachable(nodes: readonly Node[], from: readonly number[]): Uint8Array {
  const reached = new Uint8Array(nodes.length);
  const stack = [...from];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const node = nodes[at];
    if (node === undefined || reached[at] === 1) continue;
    reached[at] = 1;
    switch (node.kind) {
      case "split":
        stack.push(...node.targets);
        break;
      case "unit":
      case "pair":
      case "assert":
      case "open":
      case "close":
        stack.push(node.next);
        break;
      case "match":
        break;
    }
  }
  return reached;
}
