import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, laneOptions } from "../../../../policy/masking/index.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

const labelAt = (keys: readonly string[], path: Path): string | undefined => compile([], laneOptions(keys)).labelAt(path);

const KEYS = ["ssn", "$.patient.*.dob", "**.password", "$..token[0]"];
const NAMES = ["ssn", "SSN", "patient", "dob", "password", "token", "a"] as const;

const documents = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>("x", 7, true, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** The document with every value replaced that a label stands at: what masking it as JSON must give. */
function relabelled(value: Json, path: Path, label: (path: Path) => string | undefined): Json {
  const own = label(path);
  if (own !== undefined) return own;
  if (Array.isArray(value)) return value.map((each: Json, index) => relabelled(each, [...path, index], label));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, relabelled(each, [...path, key], label)]));
}

describe("the label at a path of a message", () => {
  it.each<readonly [string, Path, string | undefined]>([
    ["ssn", ["user", "SSN"], "[SSN]"],
    ["ssn", ["ssnx"], undefined],
    ["$.patient.*.dob", ["patient", 3, "dob"], "[DOB]"],
    ["$.patient.*.dob", ["patient", "first", "dob"], "[DOB]"],
    ["$.patient.*.dob", ["x", "patient", 3, "dob"], undefined],
    ["**.password", ["a", 0, "b", "password"], "[PASSWORD]"],
    ["$.list[1]", ["list", 1], "[LIST]"],
    ["$.list[1]", ["list", 0], undefined],
  ])("%s at %j is %j", (key, path, label) => {
    expect(labelAt([key], path)).toBe(label);
  });

  it("stands for everything inside the value that a key names", () => {
    expect(labelAt(["address"], ["address", "street", 0])).toBe("[ADDRESS]");
  });

  it("is of the first rule in the list where several fit, and absent without rules", () => {
    expect(labelAt(["$.a.b", "b"], ["a", "b"])).toBe("[B]");
    expect(labelAt(["$.user.*", "ssn"], ["user", "ssn"])).toBe("[USER]");
    expect(labelAt([], ["ssn"])).toBeUndefined();
    expect(compile([]).labelAt(["ssn"])).toBeUndefined();
  });

  it("masks what masking the same message as JSON masks", () => {
    const program = compile([], laneOptions(KEYS));
    fc.assert(
      fc.property(documents, (document) => {
        const masked: unknown = JSON.parse(program.mask(JSON.stringify(document), "json"));
        expect(masked).toEqual(relabelled(document, [], (path) => program.labelAt(path)));
      }),
    );
  });
});
