/** Durations as `weir.yaml` writes them. */

/** Units of durations, largest first, in milliseconds. */
const units: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** The largest unit that gives a whole number: 90000 is `90s`, 60000 is `1m`. */
export const printDuration = (ms: number): string => {
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
};
