/** The names nearest to a mistyped one. */

const MOST = 3;
/** Edits up to a third of the name still look like a slip. */
const SLIP = 3;

/** Up to three names that contain the word, are contained in it, or are few edits away; the nearest first. */
export function nearest(word: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, distance: name.includes(word) || word.includes(name) ? 0 : distance(word, name) }))
    .filter(({ name, distance: edits }) => edits <= Math.ceil(Math.max(word.length, name.length) / SLIP))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
