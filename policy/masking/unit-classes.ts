/** Code units that no set of a program tells apart, numbered: the columns of its tables. */

import { MAX_UNIT, type Ranges } from "./ranges.ts";

/** The classes of a program's sets. */
export interface UnitClasses {
  /** The class of every code unit. */
  readonly ofUnit: Uint16Array;
  readonly count: number;
  /** For every set, which classes it holds: `members[set][class]` is 1 or 0. */
  readonly members: readonly Uint8Array[];
}

const BITS = 32;

/** Cuts the code units at every border of every set and joins the pieces with equal memberships: linear in the borders, times the sets that hold a piece. */
export function unitClasses(sets: readonly Ranges[]): UnitClasses {
  const starts = pieceStarts(sets);
  const words = Math.ceil(sets.length / BITS) || 1;
  const signatures = sign(sets, starts, words);
  const numbers = new Map<string, number>();
  const ofUnit = new Uint16Array(MAX_UNIT + 1);
  const example: number[] = [];
  for (let piece = 0; piece < starts.length; piece++) {
    const key = signatures.subarray(piece * words, (piece + 1) * words).join();
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
      example.push(piece);
    }
    ofUnit.fill(number, starts[piece], starts[piece + 1] ?? MAX_UNIT + 1);
  }
  const members = sets.map((_, set) =>
    Uint8Array.from(example, (piece) => ((signatures[piece * words + (set >> 5)] ?? 0) >>> (set & 31)) & 1),
  );
  return { ofUnit, count: numbers.size, members };
}

function pieceStarts(sets: readonly Ranges[]): readonly number[] {
  const cuts = new Set([0]);
  for (const ranges of sets) {
    for (const [low, high] of ranges) {
      cuts.add(low);
      if (high < MAX_UNIT) cuts.add(high + 1);
    }
  }
  return [...cuts].sort((a, b) => a - b);
}

/** One bit for every set, for every piece. */
function sign(sets: readonly Ranges[], starts: readonly number[], words: number): Uint32Array {
  const index = new Map(starts.map((start, piece) => [start, piece]));
  const signatures = new Uint32Array(starts.length * words);
  for (const [set, ranges] of sets.entries()) {
    const bit = 1 << (set & 31);
    for (const [low, high] of ranges) {
      const end = index.get(high + 1) ?? starts.length;
      for (let piece = index.get(low) ?? 0; piece < end; piece++) {
        const at = piece * words + (set >> 5);
        signatures[at] = (signatures[at] ?? 0) | bit;
      }
    }
  }
  return signatures;
}
