/**
 * The leak matrix: a secret in every place that an API's tables name, and in places they do not, seen through every way in which it can reach a caller.
 * Rows come from the tables, so that a new API brings its own.
 */

import type { Place, PlaceTable } from "../../adapters/shared/place.ts";

/** The ways: a whole body; a stream's event; piece by piece, one character an event (or a byte a read, where the text does not run on); cut where blocks meet. */
export const columns = ["unary", "stream", "1-character deltas", "cut at boundaries"] as const;
export type Column = (typeof columns)[number];

export type Cell = "pass" | "leak" | "·";

/** Made up, in the shape of an AWS access key; what stands for it once it is masked. */
export const plantedSecret = "AKIAQ7DWEIRTESTKEY42";
export const plantedLabel = "[AWS_ACCESS_KEY_ID]";

type Json = unknown;

const segmentsOf = (path: string): readonly string[] => path.split(".");

const emptyFor = (next: string | undefined): Json => (next === "*" ? [] : {});

const isContainer = (value: Json): value is object => typeof value === "object" && value !== null;

/** A copy of `base` with `value` at a table's path; the first element stands for `*`, or the one that `index` says for the innermost. */
export const planted = (base: Json, path: string, value: Json, index = 0): Json => {
  const root = structuredClone(base);
  const segments = segmentsOf(path);
  const innermost = segments.lastIndexOf("*");
  let node: Json = root;
  segments.forEach((segment, at) => {
    if (!isContainer(node)) return;
    const key = segment !== "*" ? segment : at === innermost ? index : 0;
    if (at === segments.length - 1) {
      Reflect.set(node, key, value);
      return;
    }
    if (!isContainer(Reflect.get(node, key))) Reflect.set(node, key, emptyFor(segments[at + 1]));
    node = Reflect.get(node, key);
  });
  return root;
};

/** What is planted: a text that holds the secret, written as the place wants it. */
export const plantedText = (place: Place | undefined, text = plantedSecret): Json => {
  if (place?.kind === "echo") return [{ token: text, bytes: [65], logprob: -1 }];
  if (place?.kind === "text" && place.syntax === "json") return place.written ? { k: text } : JSON.stringify({ k: text });
  return text;
};

interface Found {
  readonly path: string;
  readonly text: string;
}

const stringsOf = (value: Json, path: string): Found[] => {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each) => stringsOf(each, `${path}.*`));
  if (!isContainer(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ path: `${path}#key`, text: key }, ...stringsOf(inner, `${path}.${key}`)]);
};

const documentsOf = (wire: string): Json[] => {
  const isEvents = /^(?:event|data|:|id|retry)/.test(wire);
  if (!isEvents) return [JSON.parse(wire)];
  return wire
    .split(/\n\n/)
    .map((event) => event.split("\n").filter((line) => line.startsWith("data:")))
    .map((lines) => lines.map((line) => line.slice("data:".length).trim()).join("\n"))
    .filter((data) => data !== "" && data !== "[DONE]")
    .map((data) => JSON.parse(data));
};

/** Whether a caller can read the secret in what reached them: in any string, or in strings of one place put together as clients do. */
export const judge = (wire: string, secret = plantedSecret): Exclude<Cell, "·"> => {
  if (wire.includes(secret)) return "leak";
  const together = new Map<string, string>();
  for (const document of documentsOf(wire)) {
    for (const { path, text } of stringsOf(document, "")) together.set(path, (together.get(path) ?? "") + text);
  }
  return [...together.values()].some((text) => text.includes(secret)) ? "leak" : "pass";
};

/** The places in which something can be planted, and two that no table names. */
export const plantable = (places: PlaceTable["places"]): readonly (readonly [path: string, place: Place | undefined])[] => [
  ...Object.entries(places).filter(([path]) => path !== "" && !path.includes("**")),
  ["unheard_of", undefined],
  ["unheard_of.*.deep inside", undefined],
];

export interface Row {
  readonly api: string;
  readonly message: string;
  readonly path: string;
  readonly kind: string;
  readonly cells: Readonly<Record<Column, Cell>>;
}

/** The matrix as text: one line for each kind of message, counting cells; and every cell that does not pass. */
export const printed = (rows: readonly Row[]): string => {
  const lines = [...grouped(rows)].map(([name, group]) => {
    const counts = columns.map((column) => {
      const cells = group.map(({ cells: each }) => each[column]).filter((cell) => cell !== "·");
      return cells.length === 0 ? "·" : `${cells.filter((cell) => cell === "pass").length}/${cells.length}`;
    });
    return `${name.padEnd(70)} ${counts.map((count) => count.padStart(18)).join("")}`;
  });
  const failing = rows.filter(({ cells }) => columns.some((column) => cells[column] === "leak"));
  const failures = failing.map(({ api, message, path, kind, cells }) => `${api} ${message} ${path} (${kind}): ${JSON.stringify(cells)}`);
  return [`${"".padEnd(70)} ${columns.map((column) => column.padStart(18)).join("")}`, ...lines, ...failures].join("\n");
};

const grouped = (rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${row.api} ${row.message}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
};
