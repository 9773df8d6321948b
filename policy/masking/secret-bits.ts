/** How much chance there is in what a detector masks: what a guess would have to find. */

import { type AST, visitRegExpAST } from "@eslint-community/regexpp";
import { characterRanges } from "./character-sets.ts";
import type { Detector } from "./detector.ts";
import { type Flags, modified, parsePattern } from "./pattern.ts";
import { size } from "./ranges.ts";

/** Bits that one character counts at most, those of base64: a class such as `\S` admits far more than people and machines use. */
const MOST_BITS = 6;
/** The name of the group that alone is masked. */
const SECRET = "secret";

/**
 * The bits of the shortest text that a detector masks, if every character of it were drawn by chance out of those that may stand there.
 * @throws PatternError for what is no pattern.
 */
export function secretBits({ pattern, flags, keywords }: Pick<Detector, "pattern" | "flags" | "keywords">): number {
  if (keywords !== undefined) return Math.log2(Math.max(1, keywords.length));
  const parsed = parsePattern(pattern, flags);
  const groups: AST.CapturingGroup[] = [];
  visitRegExpAST(parsed.ast, {
    onCapturingGroupEnter: (group) => {
      if (group.name === SECRET) groups.push(group);
    },
  });
  const masked = groups.length === 0 ? [parsed.ast] : groups;
  return Math.min(...masked.map((node) => bitsOf(node, parsed.flags)));
}

function bitsOf(node: AST.Node, flags: Flags): number {
  switch (node.type) {
    case "Pattern":
    case "CapturingGroup":
      return leastOf(node.alternatives, flags);
    case "Group":
      return leastOf(node.alternatives, modified(flags, node.modifiers));
    case "Alternative":
      return node.elements.reduce((bits, element) => bits + bitsOf(element, flags), 0);
    case "Quantifier":
      return node.min * bitsOf(node.element, flags);
    case "Character":
      return 0;
    case "CharacterSet":
    case "CharacterClass":
      return Math.min(MOST_BITS, Math.log2(Math.max(1, size(characterRanges(node, flags)))));
    default:
      return 0;
  }
}

const leastOf = (alternatives: readonly AST.Node[], flags: Flags): number => Math.min(...alternatives.map((each) => bitsOf(each, flags)));
