import { expect, it } from "vitest";
import { compile } from "../../policy/masking/index.ts";
import { KeptPrograms } from "../../src/kept-programs.ts";

const detector = { name: "project", pattern: "PRJ-[0-9]{6}" };

/** A compiler that counts, and what it goes through. */
const counted = () => {
  const kept = new KeptPrograms();
  const compiled: string[] = [];
  const program = kept.through((detectors) => {
    compiled.push(detectors.map(({ name }) => name).join());
    return compile(detectors, { hash: () => "" });
  });
  return { kept, compiled, program };
};

it("a program is compiled once for equal detectors and keys, in the next set as well", () => {
  const { kept, compiled, program } = counted();
  kept.beginSet();
  const first = program([detector], []);
  kept.beginSet();
  expect(program([{ ...detector }], [])).toBe(first);
  expect(compiled).toEqual(["project"]);
});

it("what differs in any part is compiled by itself", () => {
  const { compiled, program } = counted();
  const validator = () => ({ push: () => undefined, accepts: () => true });
  for (const each of [detector, { ...detector, flags: "i" }, { ...detector, label: "P" }, { ...detector, validator }]) program([each], []);
  program([detector], ["ssn"]);
  expect(compiled).toHaveLength(5);
});

it("what two sets have not asked for is forgotten", () => {
  const { kept, compiled, program } = counted();
  program([detector], []);
  kept.beginSet();
  kept.beginSet();
  program([detector], []);
  expect(compiled).toHaveLength(2);
});
