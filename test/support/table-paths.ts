/** What an adapter's table names, read back from the compiled table: the rows of leak matrices. */

import type { Place, PlaceTable } from "../../adapters/shared/place.ts";

export interface NamedPlace {
  /** Keys in turn; `*` is any key or index. */
  readonly path: readonly string[];
  readonly place: Place;
}

type State = PlaceTable["root"];

const visit = (state: State, path: readonly string[], found: Map<State, NamedPlace | undefined>): void => {
  if (found.has(state)) return;
  found.set(state, state.tag === undefined ? undefined : { path, place: state.tag });
  for (const [key, next] of state.keys) visit(next, [...path, key], found);
  visit(state.other, [...path, "*"], found);
};

/** Every place that a table names, by the first path that leads to it: others that do are read by the very same state of its automaton. */
export const pathsOf = (table: PlaceTable): readonly NamedPlace[] => {
  const found = new Map<State, NamedPlace | undefined>();
  visit(table.root, [], found);
  return [...found.values()].filter((each) => each !== undefined);
};

/** The smallest JSON value that has `value` at a path: `*` is the first element of an array. */
export const valueAt = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => (key === "*" ? [inner] : { [key]: inner }), value);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Two JSON values in one; what the second says counts. */
export const merged = (base: unknown, over: unknown): unknown => {
  if (Array.isArray(base) && Array.isArray(over))
    return over.map((each, index) => (index < base.length ? merged(base[index], each) : each));
  if (!isObject(base) || !isObject(over)) return over;
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]),
  );
};
