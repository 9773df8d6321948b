/** Reading a pattern: JavaScript syntax in the subset of rule 7, with the position of whatever lies outside it. */

import { type AST, RegExpParser, RegExpSyntaxError } from "@eslint-community/regexpp";
import { PatternError } from "./pattern-error.ts";

/** The flags the engine knows. */
export interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
  readonly u: boolean;
}

/** A pattern that was read, not yet checked node by node: that happens while the automaton is built. */
export interface Parsed {
  readonly ast: AST.Pattern;
  readonly flags: Flags;
}

const IGNORE_CASE_PREFIX = "(?i)";
const KNOWN_FLAGS = "ismu";
/** A pattern as long as a page is data, not a pattern; keyword lists have no such limit. */
const MAX_PATTERN_UNITS = 20_000;

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * Parses a pattern in which a leading `(?i)` is allowed.
 * @throws PatternError with the position, for wrong syntax, an unknown flag, or too long a pattern.
 */
export function parsePattern(source: string, flagText = ""): Parsed {
  for (const flag of flagText) {
    if (!KNOWN_FLAGS.includes(flag)) throw new PatternError(0, `unknown flag "${flag}": only ${[...KNOWN_FLAGS].join(", ")} are allowed`);
  }
  if (source.length > MAX_PATTERN_UNITS)
    throw new PatternError(MAX_PATTERN_UNITS, `the pattern is longer than ${MAX_PATTERN_UNITS} characters`);
  const prefixed = source.startsWith(IGNORE_CASE_PREFIX);
  const flags = { i: prefixed || flagText.includes("i"), s: flagText.includes("s"), m: flagText.includes("m"), u: flagText.includes("u") };
  return { ast: parse(source, prefixed ? IGNORE_CASE_PREFIX.length : 0, flags.u), flags };
}

function parse(source: string, start: number, unicode: boolean): AST.Pattern {
  try {
    return parser.parsePattern(source, start, source.length, { unicode });
  } catch (thrown) {
    if (thrown instanceof RegExpSyntaxError) throw new PatternError(thrown.index, reasonOf(thrown.message));
    if (thrown instanceof RangeError) throw new PatternError(start, "the pattern is nested too deeply");
    throw thrown;
  }
}

/** The parser's messages repeat the whole pattern before the reason; the reason is what follows the last `: `. */
const reasonOf = (message: string): string => {
  const reason = message.slice(message.lastIndexOf(": ") + 2);
  return reason.charAt(0).toLowerCase() + reason.slice(1);
};

/** The flags inside `(?i:…)` and `(?-s:…)`. */
export function modified(flags: Flags, modifiers: AST.Modifiers | null): Flags {
  if (modifiers === null) return flags;
  const { add, remove } = modifiers;
  return {
    ...flags,
    i: (flags.i || add.ignoreCase) && remove?.ignoreCase !== true,
    s: (flags.s || add.dotAll) && remove?.dotAll !== true,
    m: (flags.m || add.multiline) && remove?.multiline !== true,
  };
}

/** Whether the node can match the empty text. */
export function nullable(node: AST.Node): boolean {
  switch (node.type) {
    case "Pattern":
    case "Group":
    case "CapturingGroup":
      return node.alternatives.some(nullable);
    case "Alternative":
      return node.elements.every(nullable);
    case "Quantifier":
      return node.min === 0 || nullable(node.element);
    case "Assertion":
      return true;
    default:
      return false;
  }
}
