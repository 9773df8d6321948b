/** The characters a node of a pattern stands for. */

import type { AST } from "@eslint-community/regexpp";
import type { Flags } from "./pattern.ts";
import { PatternError } from "./pattern-error.ts";
import { complement, MAX_CODE_POINT, MAX_UNIT, normalise, type Ranges } from "./ranges.ts";
import { ignoringCase, propertyRanges } from "./unicode.ts";

const DIGIT: Ranges = [[0x30, 0x39]];

/** ECMA-262 LineTerminator. */
export const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** ECMA-262 WhiteSpace and LineTerminator. */
const SPACE: Ranges = normalise([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);

const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

/** `\w` and the `\b` that goes with it: `iu` adds what folds to a word character (ECMA-262 22.2.2.7.3, WordCharacters). */
export const wordRanges = (flags: Flags): Ranges => (flags.i && flags.u ? ignoringCase(WORD, true) : WORD);

const maxOf = (flags: Flags): number => (flags.u ? MAX_CODE_POINT : MAX_UNIT);

/** A node that matches exactly one character. */
export type CharacterNode = AST.Character | AST.CharacterSet | AST.CharacterClass;

/** The set of a one-character node; code points with `u`, else code units. */
export function characterRanges(node: CharacterNode, flags: Flags): Ranges {
  switch (node.type) {
    case "Character":
      return folded([[node.value, node.value]], flags);
    case "CharacterSet":
      return escapeRanges(node, flags);
    case "CharacterClass": {
      const members = folded(
        node.elements.flatMap((element) => [...elementRanges(element, flags)]),
        flags,
      );
      return node.negate ? complement(members, maxOf(flags)) : members;
    }
  }
}

const folded = (ranges: Ranges, flags: Flags): Ranges => (flags.i ? ignoringCase(ranges, flags.u) : normalise(ranges));

function elementRanges(element: AST.CharacterClassElement, flags: Flags): Ranges {
  switch (element.type) {
    case "Character":
      return [[element.value, element.value]];
    case "CharacterClassRange":
      return [[element.min.value, element.max.value]];
    case "CharacterSet":
      return escapeRanges(element, flags);
    case "CharacterClass":
    case "ExpressionCharacterClass":
    case "ClassStringDisjunction":
      throw new PatternError(element.start, "set operations in character classes (flag v) are not supported");
  }
}

function escapeRanges(node: AST.CharacterSet, flags: Flags): Ranges {
  const max = maxOf(flags);
  switch (node.kind) {
    case "any":
      return flags.s ? [[0, max]] : complement(LINE_ENDS, max);
    case "digit":
      return node.negate ? complement(DIGIT, max) : DIGIT;
    case "space":
      return node.negate ? complement(SPACE, max) : SPACE;
    case "word":
      return node.negate ? complement(wordRanges(flags), max) : wordRanges(flags);
    case "property": {
      const members = propertyRanges(node.value === null ? node.key : `${node.key}=${node.value}`);
      // Complement first: `\P{Lu}` with `i` matches "A", because "a" is in the set (ECMA-262 22.2.2.9).
      return folded(node.negate ? complement(members, max) : members, flags);
    }
  }
}
