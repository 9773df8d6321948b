/** What a walk over a JSON text shows of the token it stands at. */

export type JsonKind = "string" | "number" | "true" | "false" | "null" | "object" | "array";

/**
 * The token under a walk. It is one object for the whole walk: read it, do not keep it.
 *
 * Offsets are UTF-16 code units of the whole text, end exclusive, quotes and brackets included; a container's `end` is known once it closes.
 */
export interface JsonCursor<T> {
  /** For a key: `string`. */
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
  /** Whether a string or key contains a backslash. */
  readonly escaped: boolean;
  /** What the table says of the value that stands here (of a key: of its member's value). */
  readonly tag: T | undefined;
  /** Whether the table knows this place or any place below it; where it does not, nothing vouches for what the text means. */
  readonly known: boolean;
  /** Of a key: whether a path of the table spells it out. One that a wildcard takes in is nobody's word. */
  readonly named: boolean;
  /** Containers open around the token. */
  readonly depth: number;
  /** The token as it is written. */
  raw(): string;
  /** The string or key, unescaped; undefined for other kinds. */
  string(): string | undefined;
  /** The path from the root, made anew at every call: keys unescaped, array indices as numbers. */
  path(): (string | number)[];
}

/** Sees the tokens of a text in order. `enter` and `leave` frame the tokens of a container. */
export interface JsonVisitor<T> {
  /** A string, number or literal. */
  value?(at: JsonCursor<T>): void;
  key?(at: JsonCursor<T>): void;
  enter?(at: JsonCursor<T>): void;
  leave?(at: JsonCursor<T>): void;
}
