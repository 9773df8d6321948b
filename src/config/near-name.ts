/** Guesses what a mistyped name was meant to be. */

/** A guess may differ in about a third of its characters, and never in more than three. */
const maxDistance = 3;
const charactersPerMistake = 3;
/** Longer names are not guessed at: the comparison costs the product of the lengths. */
const maxLength = 64;

/** The name nearest to a mistyped one, or undefined when none is near. Case and the choice of `-` or `_` do not count. */
const nearName = (typed: string, names: Iterable<string>): string | undefined => {
  if (typed.length > maxLength) return undefined;
  const wanted = plain(typed);
  let best: string | undefined;
  let least = Math.min(maxDistance, Math.max(1, Math.floor(typed.length / charactersPerMistake))) + 1;
  for (const name of names) {
    const distance = name.length > maxLength ? least : distanceOf(wanted, plain(name));
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
};

/** The end of a sentence that offers the nearest name, or nothing. */
export const didYouMean = (typed: string, names: Iterable<string>): string => {
  const near = nearName(typed, names);
  return near === undefined ? "" : `; did you mean "${near}"?`;
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");

/** The fewest characters added, left out, replaced or swapped with their neighbour (optimal string alignment), a row at a time. */
const distanceOf = (left: string, right: string): number => {
  let before: readonly number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = swaps ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
};
