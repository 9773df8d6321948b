/** A held campaign's figures, as lines of Markdown. */

import type { Ended } from "./plan.ts";
import { violation } from "./plan.ts";

const countsOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted()
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";

/** One line for each kind of call, and what went wrong on the way. */
export const tallyOf = (ended: readonly Ended[]): readonly string[] => {
  const kinds = [...new Set(ended.map(({ planned }) => planned.kind))];
  const rows = kinds.map((kind) => {
    const ofKind = ended.filter(({ planned }) => planned.kind === kind);
    const count = (ending: string): number => ofKind.filter((each) => each.ending === ending).length;
    return `| ${kind} | ${ofKind.length} | ${count("passed")} | ${count("approval_denied")} | ${count("approval_expired")} | ${ofKind.filter(({ retries }) => retries.length > 0).length} |`;
  });
  return [
    "| calls | asked | passed | denied | expired | tried again |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `Tries that were told to come again: ${listed(countsOf(ended.flatMap(({ retries }) => retries)))}.`,
    `Forwarded: ${ended.reduce((sum, { forwarded }) => sum + forwarded, 0)}, each once; asked for a second yes because the first was used up when its replica died: ${ended.filter(({ usedUp }) => usedUp).length}.`,
    `Violations: ${ended.filter((each) => violation(each) !== undefined).length}.`,
  ];
};
