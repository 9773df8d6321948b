/** What changes between two texts, line by line. */

/** `+`: only in the later text; `-`: only in the earlier one; a space: in both. */
export interface DiffLine {
  readonly sign: " " | "+" | "-";
  readonly text: string;
}

/** Cells of the table of common lines, four bytes each; texts that differ in more are told as replaced. */
const maxCells = 4_000_000;

const signed = (sign: DiffLine["sign"], lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ sign, text }));

/** How many lines two texts begin with alike. */
const commonStart = (before: readonly string[], after: readonly string[]): number => {
  let count = 0;
  while (count < before.length && count < after.length && before[count] === after[count]) count++;
  return count;
};

/** Lengths of the longest common subsequences of all ends of two texts, a row for each line of the first and one more. */
const commonLengths = (before: readonly string[], after: readonly string[]): ((i: number, j: number) => number) => {
  const width = after.length + 1;
  const cells = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => cells[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      cells[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
};

const replaced = (before: readonly string[], after: readonly string[]): readonly DiffLine[] => [
  ...signed("-", before),
  ...signed("+", after),
];

/** The fewest lines taken away and added (a longest common subsequence); what is taken away comes first. */
const middle = (before: readonly string[], after: readonly string[]): readonly DiffLine[] => {
  if ((before.length + 1) * (after.length + 1) > maxCells) return replaced(before, after);
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ sign: " ", text: before[i] ?? "" });
      i++;
      j++;
    } else if (common(i + 1, j) >= common(i, j + 1)) lines.push({ sign: "-", text: before[i++] ?? "" });
    else lines.push({ sign: "+", text: after[j++] ?? "" });
  }
  return [...lines, ...replaced(before.slice(i), after.slice(j))];
};

/** Every line of both texts, in order. */
export const diffLines = (before: readonly string[], after: readonly string[]): readonly DiffLine[] => {
  const start = commonStart(before, after);
  const [restBefore, restAfter] = [before.slice(start), after.slice(start)];
  const end = commonStart(restBefore.toReversed(), restAfter.toReversed());
  return [
    ...signed(" ", before.slice(0, start)),
    ...middle(restBefore.slice(0, restBefore.length - end), restAfter.slice(0, restAfter.length - end)),
    ...signed(" ", restBefore.slice(restBefore.length - end)),
  ];
};
