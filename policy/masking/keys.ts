/** Masking by JSON key and path: the `mask.keys` of a policy. */

import { compileSegments, type PathTable } from "../../src/envelope/json/index.ts";
import { PatternError } from "./pattern-error.ts";

/** One rule of `mask.keys`, compiled. */
export interface KeyRule {
  /** As the policy writes it. */
  readonly path: string;
  /** What stands in place of the value: the last key it names, `[DATE_OF_BIRTH]`. */
  readonly label: string;
  /** Its place in the list. */
  readonly index: number;
}

/**
 * Compiles key rules. Keys are compared unescaped and without regard to case.
 *
 * `ssn` and `patient.dob` fit at any depth, `$.patient.*.dob` from the root; `*` is any one key or index, `**` (or `..`) any number of them.
 * Of RFC 9535's notation `['a key']`, `[3]` and `[*]` are understood too.
 *
 * @throws PatternError with the position in the path.
 */
export const compileKeys = (paths: readonly string[]): PathTable<KeyRule> =>
  compileSegments(
    paths.map((path, index) => {
      const segments = keySegments(path);
      return { segments, tag: { path, label: labelOf(segments), index } };
    }),
    { caseless: true },
  );

const anyKey = "*";
const anyDepth = "**";

/** One step of a path: `.name`, `..name`, `['name']`, `["name"]`, `[3]` or `[*]`. */
const step = /(?<dots>\.{1,2})(?<name>[^.[\]'"]+)|\[(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<index>\d+|\*))\]/uy;

function keySegments(path: string): string[] {
  const rooted = path.startsWith("$");
  const written = rooted || path.startsWith("[") ? path.slice(rooted ? 1 : 0) : `.${path}`;
  const segments = rooted ? [] : [anyDepth];
  step.lastIndex = 0;
  while (step.lastIndex < written.length || segments.length === (rooted ? 0 : 1)) {
    const at = step.lastIndex;
    const found = step.exec(written);
    if (found === null) throw new PatternError(Math.max(0, at + path.length - written.length), "this is no path of JSON keys", path);
    segments.push(...segmentsOf(found.groups ?? {}));
  }
  return segments;
}

function segmentsOf(groups: Readonly<Record<string, string | undefined>>): string[] {
  const { dots, name, single, double, index } = groups;
  if (index !== undefined) return [index];
  const key = name ?? single ?? double ?? "";
  const segment = name === anyKey || name === anyDepth ? name : key.replaceAll(/[\\*]/gu, "\\$&");
  return dots === ".." ? [anyDepth, segment] : [segment];
}

function labelOf(segments: readonly string[]): string {
  const named = segments.findLast((segment) => segment !== anyKey && segment !== anyDepth && !/^\d+$/u.test(segment)) ?? "masked";
  return `[${named
    .replaceAll("\\", "")
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, "_")
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")}]`;
}
