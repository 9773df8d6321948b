import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, type Detector, laneOptions } from "../../../policy/masking/index.ts";
import { cutAt, piecesOf, someCuts } from "../../support/cuts.ts";
import { brokenJson, writtenJson } from "../../support/written-json.ts";

const detectors: readonly Detector[] = [
  { name: "aws-key", pattern: "(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])", credential: true },
  { name: "card", pattern: "(?<!\\d)\\d(?:[ -]?\\d){14}[ -]?\\d(?!\\d)" },
  { name: "email", pattern: "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\\.[a-z]{2,}" },
  { name: "password", pattern: "password[\"']?\\s*[=:]\\s*[\"']?(?<secret>[^\\s\"']{6,40})" },
  { name: "pin", pattern: "pin: (?<secret>\\d{4,8})(?!\\d)" },
  { name: "short", pattern: "[a-c]{2,5}[0-3]" },
  { name: "across", pattern: 'c", ?"(?:a|b)' },
];
const keys = ["ssn", "$.patient.*.dob", "**.token", "b.c"];
const program = compile(detectors, laneOptions(keys));

const masked = (pieces: readonly string[]): string => {
  const masker = program.open("json");
  return pieces.map((piece) => masker.push(piece)).join("") + masker.finish();
};

const label = /\[[A-Z_]+\]/;
const labels = /(?:\[[A-Z_]+\])+/;

/** Whether a text became another by nothing but labels in place of parts of it. */
const onlyLabels = (before: string, after: string): boolean => {
  let at = 0;
  return after.split(labels).every((part, index) => {
    const found = before.indexOf(part, at);
    if (found < 0 || (index === 0 && found > 0)) return false;
    at = found + part.length;
    return true;
  });
};

/** What changed between two values that no label accounts for. */
const changes = (before: unknown, after: unknown): unknown[] => {
  if (Object.is(before, after)) return [];
  if (typeof after === "string" && typeof before === "string" && onlyLabels(before, after)) return [];
  if (typeof after === "string" && /^(?:\[[A-Z_]+\])$/.test(after)) return [];
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) return [{ before, after }];
  const [was, is] = [Object.entries(before), Object.entries(after)];
  // Two keys may have become the same label; JSON.parse keeps the last.
  if (is.length < was.length && is.some(([key]) => label.test(key))) return [];
  if (is.length !== was.length) return [{ before, after }];
  return was.flatMap(([key, value], index) => {
    const [newKey, newValue] = is[index] ?? ["", undefined];
    return onlyLabels(key, newKey) ? changes(value, newValue) : [{ key, newKey }];
  });
};

/** Values in which secrets stand whole, in part, and beside one another. */
const word = fc.constantFrom(
  "a",
  "b",
  "c",
  "ab1",
  "cc2",
  "4111111111111111",
  "4111 1111",
  " 1111 1111",
  "AKIAIOSFODNN7EXAMPLE",
  "joe@",
  "example.com",
  "password",
  ": hunter2",
  "\n",
  "é",
  "😀",
  '"',
  "\\",
  " ",
  "%41",
  "\u200b",
);
const text = fc.array(word, { maxLength: 5 }).map((words) => words.join(""));
const name = fc.oneof(text, fc.constantFrom("ssn", "SSN", "token", "patient", "dob", "b", "c", "password", "pin"));
const number = fc.constantFrom(0, 1234, 12345678, 4111111111111111, -1.5e-7, 41111);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 4, arbitrary: fc.oneof(text, text, number, fc.constantFrom(true, false, null)) },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.dictionary(name, tie("value"), { maxKeys: 4 }) },
  ),
}));
const written = fc
  .tuple(anyValue, fc.constantFrom<string | number | undefined>(undefined, 1, "\t"))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

describe("masking a JSON lane", () => {
  it("is the same for every cut", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          written,
          written,
          writtenJson.map((json) => json.text),
          brokenJson,
        ),
        someCuts,
        (json, cuts) => {
          const whole = masked([json]);
          expect(masked(cutAt(json, cuts))).toBe(whole);
          expect(masked(piecesOf(json, 1))).toBe(whole);
        },
      ),
      { numRuns: 2500 },
    );
  });

  it("leaves JSON what was JSON, and every scalar what it was but for labels", () => {
    fc.assert(
      fc.property(written, (json) => {
        const before: unknown = JSON.parse(json);
        const after: unknown = JSON.parse(masked([json]));
        expect(changes(before, after)).toEqual([]);
      }),
      { numRuns: 2500 },
    );
  });

  it("lets no secret through, in any string or key, however it is escaped", () => {
    const secrets = ["4111111111111111", "AKIAIOSFODNN7EXAMPLE", "joe@example.com"];
    const escapes: readonly ((secret: string) => string)[] = [
      (secret) => secret,
      (secret) => [...secret].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
      (secret) => `\\u${secret.charCodeAt(0).toString(16).padStart(4, "0")}${secret.slice(1)}`,
      (secret) => `${secret.slice(0, 3)}\\u200b${secret.slice(3)}`,
      (secret) => Buffer.from(`the secret: ${secret}, yes`).toString("base64").replaceAll("/", "\\/"),
    ];
    for (const secret of secrets) {
      for (const write of escapes) {
        const json = `{"x":"é ${write(secret)} \\n","${write(secret)}":[1,"${write(secret)}"]}`;
        const whole = masked([json]);
        const strings = Object.entries(JSON.parse(whole) as Record<string, unknown>)
          .flat(3)
          .map(String);
        expect(strings.filter((value) => label.test(value))).toHaveLength(3);
        expect(strings.some((value) => value.includes(secret) || value.replaceAll("\u200b", "").includes(secret))).toBe(false);
        for (let cut = 0; cut <= json.length; cut++) expect(masked([json.slice(0, cut), json.slice(cut)])).toBe(whole);
      }
    }
  });

  it("does not take the digits of an escape for a text, even where the escape was released before they were read to their end", () => {
    const digits = compile([{ name: "digits", pattern: "\\d{3,}" }], laneOptions([]));
    const json = '"\\u0012[1234"';
    const masker = digits.open("json");
    expect(digits.mask(json, "json")).toBe('"\\u0012[[DIGITS]"');
    expect([...json].map((unit) => masker.push(unit)).join("") + masker.finish()).toBe('"\\u0012[[DIGITS]"');
  });

  it("holds nothing of text that nothing could cover", () => {
    const masker = program.open("json");
    let held = 0;
    for (const piece of piecesOf('{"GREETING":["!!! ??? !!!",true,{"X":null}], "Y" : "~~~ *** ~~~"}', 1)) {
      masker.push(piece);
      held = Math.max(held, masker.held);
    }
    // A literal is held until it ends, and an upper-case letter until it cannot begin base64 or a key any more.
    expect(held).toBeLessThanOrEqual("GREETING".length);
  });
});
