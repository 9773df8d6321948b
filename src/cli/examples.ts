/** Whether detectors hold to their own examples. */

import type { CatalogueEntry } from "../../policy/catalogue/index.ts";
import { compile, type Program } from "../../policy/masking/index.ts";
import { visibleLine } from "./visible.ts";

/** Guillemets around what must be covered; none: the whole text. */
const marked = /«([^»]*)»/g;

/** The covered texts an example wants, in order. */
const wanted = (example: string): readonly string[] => {
  const marks = [...example.matchAll(marked)].map(([, text = ""]) => text);
  return marks.length > 0 ? marks : [example];
};

const covered = (program: Program, text: string): readonly string[] => program.spans(text).map(({ start, end }) => text.slice(start, end));

const isEqual = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index]);

/** A line for every example that the detector does not hold to. */
export const checkExamples = (entry: CatalogueEntry): readonly string[] => {
  const program = compile([entry]);
  const missed = entry.positive.filter((example) => !isEqual(covered(program, example.replace(marked, "$1")), wanted(example)));
  const overdone = entry.negative.filter((example) => covered(program, example).length > 0);
  return [
    ...missed.map((example) => `${entry.name}: does not cover exactly what is marked in ${visibleLine(example)}`),
    ...overdone.map((example) => `${entry.name}: covers something of ${visibleLine(example)}`),
  ];
};
