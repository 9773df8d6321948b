/** Code points in UTF-16: what a set of them means for code units, one at a time. */

import { clip, complement, MAX_CODE_POINT, MAX_UNIT, normalise, type Range, type Ranges } from "./ranges.ts";

export const HIGH: Range = [0xd800, 0xdbff];
export const LOW: Range = [0xdc00, 0xdfff];
const FIRST_ASTRAL = 0x10000;
const LOWS_PER_HIGH = 0x400;

export const isHighSurrogate = (unit: number): boolean => unit >= HIGH[0] && unit <= HIGH[1];
export const isLowSurrogate = (unit: number): boolean => unit >= LOW[0] && unit <= LOW[1];

const highOf = (point: number): number => HIGH[0] + ((point - FIRST_ASTRAL) >> 10);
const lowOf = (point: number): number => LOW[0] + (point & (LOWS_PER_HIGH - 1));

/** Pairs `highs` × `lows`. */
export interface Pairs {
  readonly highs: Ranges;
  readonly lows: Ranges;
}

/** A set of code points taken apart. */
export interface SplitPoints {
  /** Members of the basic plane that are no surrogates. */
  readonly basic: Ranges;
  readonly loneHighs: Ranges;
  readonly loneLows: Ranges;
  /** The astral members, each in exactly one product. */
  readonly pairs: readonly Pairs[];
}

/** Takes a set of code points apart; highs with equal lows share a product. */
export function splitPoints(points: Ranges): SplitPoints {
  const unitRanges = clip(points, 0, MAX_UNIT);
  const byLows = new Map<string, { highs: Range[]; lows: Range[] }>();
  const put = (fromHigh: number, toHigh: number, lows: Range[]): void => {
    const key = lows.join(";");
    const known = byLows.get(key);
    if (known === undefined) byLows.set(key, { highs: [[fromHigh, toHigh]], lows });
    else known.highs.push([fromHigh, toHigh]);
  };
  for (const [high, lows] of lowsByHigh(clip(points, FIRST_ASTRAL, MAX_CODE_POINT))) put(high[0], high[1], lows);
  return {
    basic: normalise([...clip(unitRanges, 0, HIGH[0] - 1), ...clip(unitRanges, LOW[1] + 1, MAX_UNIT)]),
    loneHighs: clip(unitRanges, HIGH[0], HIGH[1]),
    loneLows: clip(unitRanges, LOW[0], LOW[1]),
    pairs: [...byLows.values()].map(({ highs, lows }) => ({ highs: normalise(highs), lows: normalise(lows) })),
  };
}

/** The lows of every high that has members; runs of highs that have all lows come as one. */
function lowsByHigh(astral: Ranges): readonly (readonly [Range, Range[]])[] {
  const partial = new Map<number, Range[]>();
  const whole: (readonly [Range, Range[]])[] = [];
  for (const [low, high] of astral) {
    let from = low;
    while (from <= high) {
      const unit = highOf(from);
      const last = Math.min(high, FIRST_ASTRAL + (unit - HIGH[0] + 1) * LOWS_PER_HIGH - 1);
      if (last - from === LOWS_PER_HIGH - 1) whole.push([[unit, unit], [LOW]]);
      else partial.set(unit, [...(partial.get(unit) ?? []), [lowOf(from), lowOf(last)]]);
      from = last + 1;
    }
  }
  return [...whole, ...[...partial].map(([unit, lows]) => [[unit, unit], lows] as const)];
}

/**
 * The code units beside which a look-around over code points holds. A look-around sees one code unit, so that an astral neighbour is known by half of it
 * only: where that half leaves the answer open the assertion is taken to hold, which can only mask more.
 */
export function besideUnits(points: Ranges, side: "before" | "after", negate: boolean): Ranges {
  const holding = negate ? complement(points, MAX_CODE_POINT) : points;
  const { basic, loneHighs, loneLows, pairs } = splitPoints(holding);
  const halves: Ranges = side === "after" ? pairs.flatMap(({ highs }) => [...highs]) : pairs.flatMap(({ lows }) => [...lows]);
  return normalise([...basic, ...loneHighs, ...loneLows, ...halves]);
}
