/** How the texts of a response's items ended: whether the model came to its own end, or was cut (ARCHITECTURE.md 1.6 rule 6). */

import type { FoundField } from "../../shared/locate.ts";
import type { TextKind } from "./events.ts";

export type Fate = "complete" | "cut";

type Path = readonly (string | number)[];

const kinds: ReadonlySet<unknown> = new Set<TextKind>(["content", "summary", "arguments", "input", "code"]);

const isKind = (part: unknown): part is TextKind => kinds.has(part);

/** The text of an item that a path below the item leads into; undefined for what is written whole, whatever becomes of the item. */
export const kindAt = (path: Path): TextKind | undefined => {
  const [first] = path;
  if (first === "content" && path.at(-1) === "refusal") return "refusal";
  return isKind(first) ? first : undefined;
};

/** What an item's own status says; undefined where it has none. */
export const fateOfStatus = (status: unknown): Fate | undefined => {
  if (typeof status !== "string") return undefined;
  return status === "completed" ? "complete" : "cut";
};

/** The statuses that an answer gives its items, by their position, and the response itself. */
export interface Statuses {
  readonly items: ReadonlyMap<number, Fate>;
  readonly response: Fate | undefined;
  /** The position of the last item: behind the others the model went on. */
  readonly last: number;
  /** Items with words in them: behind their summary the model went on. */
  readonly wordy: ReadonlySet<number>;
}

/** Nothing is known. */
export const noStatuses: Statuses = { items: new Map(), response: undefined, last: -1, wordy: new Set() };

/** The statuses of a response whose `output` list stands behind `depth` segments of the path. */
export const statusesOf = (fields: readonly FoundField[], depth: number): Statuses => {
  const items = new Map<number, Fate>();
  let response: Fate | undefined;
  const wordy = new Set<number>();
  let last = -1;
  for (const { name, path, value } of fields) {
    if (name === "response_status" && path.length === depth + 1) response = fateOfStatus(value);
    const index = path[depth + 1];
    if (path[depth] !== "output" || typeof index !== "number") continue;
    last = Math.max(last, index);
    if (name === "part" && path[depth + 2] === "content") wordy.add(index);
    const fate = name === "status" && path.length === depth + 3 ? fateOfStatus(value) : undefined;
    if (fate !== undefined) items.set(index, fate);
  }
  return { items, response, last, wordy };
};

/** How a text of an item ended: by the item's own status; where it has none, it is complete when the model went on behind it, and else as the response is. */
export const fateOfText = ({ items, response, last, wordy }: Statuses, index: number, kind: TextKind): Fate => {
  if (kind === "summary" && wordy.has(index)) return "complete";
  return items.get(index) ?? (index < last ? "complete" : (response ?? "complete"));
};
