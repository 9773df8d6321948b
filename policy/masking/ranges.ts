/** Sets of code units or code points as sorted, disjoint, non-touching inclusive ranges. */

/** One inclusive range. */
export type Range = readonly [low: number, high: number];

/** A set of numbers; `normalise` makes one of any ranges. */
export type Ranges = readonly Range[];

/** The last UTF-16 code unit. */
export const MAX_UNIT = 0xffff;

/** The last code point of Unicode. */
export const MAX_CODE_POINT = 0x10ffff;

/** Sorts ranges and joins those that overlap or touch. */
export function normalise(ranges: Ranges): Ranges {
  const out: [number, number][] = [];
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out[out.length - 1];
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else out.push([low, high]);
  }
  return out;
}

/** Everything from 0 to `max` that is not in the set. */
export function complement(ranges: Ranges, max: number): Ranges {
  const out: Range[] = [];
  let next = 0;
  for (const [low, high] of normalise(ranges)) {
    if (low > next) out.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= max) out.push([next, max]);
  return out;
}

/** What lies within `low…high`. */
export function clip(ranges: Ranges, low: number, high: number): Ranges {
  const out: Range[] = [];
  for (const [from, to] of ranges) {
    if (to >= low && from <= high) out.push([Math.max(from, low), Math.min(to, high)]);
  }
  return out;
}

/** How many numbers the set holds. */
export const size = (ranges: Ranges): number => ranges.reduce((sum, [low, high]) => sum + high - low + 1, 0);

/** Whether the normalised set holds the number: a binary search. */
export function has(ranges: Ranges, value: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined || value < range[0]) high = middle - 1;
    else if (value > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}
