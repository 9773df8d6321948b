/** Programs that only know what they were asked to be: for laws about decisions, which compile thousands of them. */

import type { PolicyOptions } from "../../policy/index.ts";
import type { Detector, Program } from "../../policy/masking/index.ts";

/** A program that names what it would mask. It is never asked to. */
const named = (detectors: readonly Detector[], keys: readonly string[]): Program => ({
  detectors,
  hash: JSON.stringify([detectors.map(({ name }) => name), keys]),
  open: () => {
    throw new Error("a named program masks nothing");
  },
  mask: (text) => text,
  spans: () => [],
  labelAt: () => undefined,
  stops: detectors.some(({ stops }) => stops === true),
  empty: detectors.length + keys.length === 0,
});

/** Options under which every name is a detector. */
export const namedPrograms = (recording: readonly string[] = ["credentials"]): PolicyOptions => ({
  revision: "1",
  recording,
  detectorsNamed: (names) => [...new Set(names)].sort().map((name) => ({ name, pattern: name })),
  compileProgram: named,
});
