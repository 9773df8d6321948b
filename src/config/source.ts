/** A YAML file as plain values and the place of each: one document, no tags, no anchors, no key twice. */

import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseAllDocuments, type Scalar, visit } from "yaml";
import { ConfigError, type Finding, inOrder, type Path, type Position, type Problem, printPath } from "./problem.ts";

/** Where the parts of a configuration stand. */
export interface Places {
  /** A finding as a problem at its place. A message that begins with `must` gets the path before it. */
  problem(finding: Finding): Problem;
}

/** A file that was read. */
export interface Source extends Places {
  /** Where the value at a path begins; for what is not there, the nearest thing around it. */
  locate(path: Path, offset?: number): Position;
  /** Maps, lists, strings, numbers, booleans and null. */
  readonly value: unknown;
}

/** Tags of YAML's core schema: what plain values have anyway. Any other could make a value of a kind that no check expects. */
const coreTags: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Parses a file's text. `file` is how its problems name it.
 * @throws ConfigError with everything that is wrong.
 */
export const parseSource = (text: string, file: string): Source => {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Problem[] = [];
  const document = readDocument(text, lines, (offset, message) => problems.push({ ...at(offset), message }));
  if (document === undefined || problems.length > 0) throw new ConfigError(inOrder(problems));
  const places = new NodePlaces(document, at);
  return { value: document.toJS(), locate: places.locate.bind(places), problem: places.problem.bind(places) };
};

type Report = (offset: number, message: string) => void;

const readDocument = (text: string, lines: LineCounter, report: Report): Document | undefined => {
  const documents = parse(text, lines, report);
  const [document, second] = documents;
  if (second !== undefined) report(second.range?.[0] ?? 0, "a second document: a configuration is one document");
  if (document === undefined) report(0, "the file is empty");
  else for (const error of document.errors) report(error.pos[0], sentence(error.message));
  if (document !== undefined && document.errors.length === 0) reportStrange(document, report);
  return document;
};

/** The library's first sentence; it goes on with a picture of the line. */
const sentence = (message: string): string => {
  const first = message.split(/ at line \d+| *\n/u, 1)[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1);
};

const parse = (text: string, lines: LineCounter, report: Report): readonly Document[] => {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: "silent",
    });
    return Array.isArray(documents) ? documents : [];
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    report(0, "the file is nested too deeply");
    return [];
  }
};

/** Reports anchors, aliases and tags: with them, what a reader sees is not what is loaded. */
const reportStrange = (document: Document, report: Report): void => {
  visit(document, {
    Alias: (_, { range }) => report(range?.[0] ?? 0, "aliases are not allowed: write the value out"),
    Value: (_, { range, anchor, tag }) => {
      if (anchor !== undefined) report(range?.[0] ?? 0, "anchors are not allowed: write the value out");
      if (tag !== undefined && !coreTags.has(tag)) report(range?.[0] ?? 0, `the tag ${tag} is not allowed`);
    },
  });
};

const subjectOf = (path: Path): string => (path.length === 0 ? "the configuration" : printPath(path));

const keyText = ({ key }: Pair): unknown => (isScalar(key) ? key.value : key);

class NodePlaces implements Places {
  readonly #document: Document;
  readonly #at: (offset: number) => Position;

  constructor(document: Document, at: (offset: number) => Position) {
    this.#document = document;
    this.#at = at;
  }

  locate(path: Path, offset?: number): Position {
    return this.#at(this.#offsetOf(path, offset));
  }

  problem({ path, message, offset, atKey }: Finding): Problem {
    const at = atKey === true ? this.#keyOffset(path) : this.#offsetOf(path, offset);
    return { ...this.#at(at), message: message.startsWith("must ") ? `${subjectOf(path)} ${message}` : message };
  }

  #offsetOf(path: Path, offset: number | undefined): number {
    let node: unknown = this.#document.contents;
    let found = startOf(node) ?? 0;
    for (const step of path) {
      const pair: Pair | undefined = isMap(node) ? node.items.find((each) => keyText(each) === step) : undefined;
      node = pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
      const start = startOf(node) ?? startOf(pair?.key);
      if (start === undefined) return found;
      found = start;
    }
    return isScalar(node) ? found + insideScalar(node, offset) : found;
  }

  #keyOffset(path: Path): number {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent) ? parent.items.find((each) => keyText(each) === path.at(-1)) : undefined;
    return startOf(pair?.key) ?? this.#offsetOf(path, undefined);
  }
}

const startOf = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? undefined) : undefined;

/** How far into a scalar's source an offset of its text lies; 0 where escapes or folding make that unclear. */
const insideScalar = (node: Scalar, offset: number | undefined): number => {
  const [start, end] = node.range ?? [0, 0];
  const value = typeof node.value === "string" ? node.value : "";
  const quotes = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? 1 : 0;
  const asWritten = end - start === value.length + 2 * quotes;
  return offset !== undefined && asWritten ? offset + quotes : 0;
};
