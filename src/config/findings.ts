/** What the schema found wrong, in sentences. */

import type { z } from "zod";
import { didYouMean } from "./near-name.ts";
import type { Finding, Path } from "./problem.ts";

/** A JSON Schema as far as it is read here: to learn which keys an object may have. */
export interface ShapeOfKeys {
  readonly properties?: Readonly<Record<string, ShapeOfKeys>>;
  readonly items?: ShapeOfKeys;
  readonly anyOf?: readonly ShapeOfKeys[];
}

/** The findings of a failed parse of `value`; `shape` is the schema's JSON Schema, read for the names that a mistyped key could have meant. */
export const findingsOf = (error: z.ZodError, value: unknown, shape: ShapeOfKeys): readonly Finding[] =>
  error.issues.flatMap((issue) => findings(issue, [], { value, shape }));

interface Input {
  readonly value: unknown;
  readonly shape: ShapeOfKeys;
}

type Issue = z.core.$ZodIssue;

const stepsOf = (path: readonly PropertyKey[]): Path => path.map((step) => (typeof step === "symbol" ? String(step) : step));

const findings = (issue: Issue, prefix: Path, input: Input): readonly Finding[] => {
  const path = [...prefix, ...stepsOf(issue.path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: unknownKey(key, path, input.shape) }));
    case "invalid_type":
      return [{ path, message: wrongType(issue, path, input.value) }];
    case "invalid_value":
      return [{ path, message: issue.message.startsWith("Invalid") ? wrongValue(issue.values, path, input.value) : issue.message }];
    case "invalid_union":
      return unionFindings(issue, path, input);
    default:
      return [{ path, message: issue.message }];
  }
};

/** Of a union's branches, the one that came furthest speaks: it is what was meant. */
const unionFindings = (issue: z.core.$ZodIssueInvalidUnion, path: Path, input: Input): readonly Finding[] => {
  const branches = issue.errors.map((errors) => errors.filter((each) => each.path.length > 0 || !isOfShape(each)));
  const furthest = branches.filter((branch) => branch.length > 0).sort((a, b) => a.length - b.length)[0];
  if (furthest !== undefined) return furthest.flatMap((each) => findings(each, path, input));
  if (!issue.message.startsWith("Invalid")) return [{ path, message: issue.message }];
  const messages = issue.errors.flatMap((errors) => errors.flatMap((each) => findings(each, path, input)));
  return [{ path, message: [...new Set(messages.map(({ message }) => message))].join(", or ") }];
};

const isOfShape = ({ code }: Issue): boolean => code === "invalid_type" || code === "invalid_value";

const unknownKey = (key: string, path: Path, shape: ShapeOfKeys): string =>
  `unknown key "${printable(key)}"${didYouMean(key, keysOf(shapeAt(shape, path)))}`;

const keysOf = (shape: ShapeOfKeys | undefined): readonly string[] =>
  shape === undefined ? [] : [...Object.keys(shape.properties ?? {}), ...(shape.anyOf ?? []).flatMap(keysOf)];

const below = (shape: ShapeOfKeys | undefined, step: string | number): ShapeOfKeys | undefined => {
  const own = typeof step === "number" ? shape?.items : shape?.properties?.[step];
  return own ?? shape?.anyOf?.map((branch) => below(branch, step)).find((found) => found !== undefined);
};

const shapeAt = (shape: ShapeOfKeys, path: Path): ShapeOfKeys | undefined => path.reduce<ShapeOfKeys | undefined>(below, shape);

const nouns: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

const wrongType = (issue: z.core.$ZodIssueInvalidType, path: Path, value: unknown): string => {
  const found = valueAt(value, path);
  if (found === undefined) return `${String(path.at(-1) ?? "the configuration")} is missing`;
  if (!issue.message.startsWith("Invalid")) return issue.message;
  return `must be ${nouns[issue.expected] ?? issue.expected}, not ${nounOf(found)}`;
};

const wrongValue = (values: readonly unknown[], path: Path, value: unknown): string => {
  const found = valueAt(value, path);
  if (found === undefined) return `${String(path.at(-1))} is missing`;
  const names = values.map(String);
  const near = typeof found === "string" ? didYouMean(found, names) : "";
  return `must be ${names.length > 1 ? "one of " : ""}${names.join(", ")}${near}`;
};

const nounOf = (value: unknown): string => {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "a list" : (nouns[typeof value] ?? typeof value);
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined), value);

/** A key from the file, safe and short enough for a terminal. */
const printable = (key: string): string => JSON.stringify(key.slice(0, 64)).slice(1, -1);
