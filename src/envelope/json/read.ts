/** Reads a document once: a few typed fields, and where its texts stand. */

import type { JsonCursor, JsonKind } from "./cursor.ts";
import { JsonError } from "./error.ts";
import type { JsonLimits } from "./limits.ts";
import { compileSegments, type PathTable, parsePath } from "./path.ts";
import { walkJson } from "./walk.ts";

/** Types of field a reader can pick. */
interface FieldTypes {
  string: string;
  number: number;
  boolean: boolean;
}

/** Path of a field → its type. */
export type FieldShape = Readonly<Record<string, keyof FieldTypes>>;

/** What was found: undefined where a field is absent or null. */
export type Fields<S extends FieldShape> = { readonly [Path in keyof S]: FieldTypes[S[Path]] | undefined };

/** A place of a document that a table names, or a text that none does. Offsets as {@link JsonCursor}'s. */
export interface JsonSpot<T> {
  readonly tag: T | undefined;
  readonly kind: JsonKind;
  /** Whether it is an object's key. */
  readonly key: boolean;
  readonly start: number;
  readonly end: number;
  readonly escaped: boolean;
  readonly path: readonly (string | number)[];
}

export interface ReaderOptions<S extends FieldShape, T> {
  /** Scalars to be read as values. A present, non-null field of another type is a `wrong-type` error. */
  readonly fields?: S;
  /** Values to be located; containers too, whole. What is a field is not also a spot. */
  readonly spots?: Readonly<Record<string, T>>;
  /** Whether to locate also every string and every key that no path of the two tables leads to or through. */
  readonly rest?: boolean;
  readonly limits?: JsonLimits;
}

export interface JsonReading<S extends FieldShape, T> {
  readonly fields: Fields<S>;
  /** In the order of the text; a container stands before its contents. */
  readonly spots: readonly JsonSpot<T>[];
}

/** Reads texts by one pair of tables, compiled once. Throws JsonError. */
export type JsonReader<S extends FieldShape, T> = (text: string) => JsonReading<S, T>;

type FieldType = keyof FieldTypes;

/** What the united table says of a place. */
type Mark<T> = { readonly kind: "field"; readonly path: string; readonly type: FieldType } | { readonly kind: "spot"; readonly tag: T };

/** Compiles a reader. */
export const compileReader = <const S extends FieldShape, T = never>(options: ReaderOptions<S, T>): JsonReader<S, T> => {
  const table = markTable(options);
  const walk = options.limits === undefined ? { table } : { table, limits: options.limits };
  return (text) => {
    const reading = new Reading<S, T>(options.rest === true);
    walkJson(text, reading, walk);
    return reading;
  };
};

const markTable = <S extends FieldShape, T>(options: ReaderOptions<S, T>): PathTable<Mark<T>> => {
  const fields = Object.entries(options.fields ?? {}).map(([path, type]) => ({
    segments: parsePath(path),
    tag: { kind: "field", path, type } as const,
  }));
  const spots = Object.entries(options.spots ?? {}).map(([path, tag]) => ({
    segments: parsePath(path),
    tag: { kind: "spot", tag } as const,
  }));
  return compileSegments<Mark<T>>([...fields, ...spots]);
};

class Reading<S extends FieldShape, T> implements JsonReading<S, T> {
  readonly fields: Fields<S>;
  readonly spots: JsonSpot<T>[] = [];
  readonly #values: Record<string, string | number | boolean> = Object.create(null);
  readonly #rest: boolean;
  /** Indices in `spots` of the tagged containers that are open. */
  readonly #open: number[] = [];

  constructor(rest: boolean) {
    this.#rest = rest;
    // INVARIANT: `#values` holds, under a field's path, a value of that field's type and nothing else: see `#field`.
    this.fields = this.#values as Fields<S>;
  }

  value(at: JsonCursor<Mark<T>>): void {
    const mark = at.tag;
    if (mark?.kind === "field") this.#field(mark.path, mark.type, at);
    else if (mark !== undefined) this.spots.push(spot(at, mark.tag, false));
    else if (this.#rest && at.kind === "string") this.spots.push(spot<T>(at, undefined, false));
  }

  key(at: JsonCursor<Mark<T>>): void {
    if (this.#rest && !at.named) this.spots.push(spot<T>(at, undefined, true));
  }

  enter(at: JsonCursor<Mark<T>>): void {
    const mark = at.tag;
    if (mark?.kind === "field") throw new JsonError("wrong-type", at.start, mark.path);
    if (mark !== undefined) this.#open.push(this.spots.push(spot(at, mark.tag, false)) - 1);
  }

  leave(at: JsonCursor<Mark<T>>): void {
    if (at.tag === undefined) return;
    const index = this.#open.pop() ?? 0;
    const opened = this.spots[index];
    if (opened !== undefined) this.spots[index] = { ...opened, end: at.end };
  }

  #field(path: string, type: FieldType, at: JsonCursor<Mark<T>>): void {
    if (at.kind === "null") return;
    const value = scalar(at);
    if (typeof value !== type) throw new JsonError("wrong-type", at.start, path);
    this.#values[path] = value;
  }
}

const scalar = (at: JsonCursor<unknown>): string | number | boolean =>
  at.string() ?? (at.kind === "number" ? Number(at.raw()) : at.kind === "true");

const spot = <T>(at: JsonCursor<unknown>, tag: T | undefined, key: boolean): JsonSpot<T> => ({
  tag,
  kind: at.kind,
  key,
  start: at.start,
  end: at.end,
  escaped: at.escaped,
  path: at.path(),
});
