/** What an API's table says of the places in its JSON: where its text stands is data. */

import type { PathTable } from "../../src/envelope/json/index.ts";
import { compilePaths } from "../../src/envelope/json/index.ts";
import type { Author, Syntax } from "../../src/envelope/text.ts";

/** How far a lane reaches: `stream` lanes run on from message to message, `message` lanes close with theirs. */
export type Scope = "message" | "stream";

export type Place =
  | {
      readonly kind: "text";
      readonly author: Author;
      readonly syntax: Syntax;
      readonly scope: Scope;
      /** How many segments of the path name the lane: parts below it are one text. */
      readonly depth: number;
      /** Numbers here spell text as token ids, so that the message cannot be read. */
      readonly tokenIds: boolean;
      /** The value as it is written, of whatever kind, is the text (a tool's input that is an object): then `syntax` is `json`. */
      readonly written: boolean;
    }
  /** An identifier or a word of the API's own vocabulary, passed while it looks like one. `idle`: every message of a stream has it. */
  | { readonly kind: "token"; readonly idle: boolean }
  /** A value the adapter acts on, remembered under its path. Treated as `token` besides. */
  | { readonly kind: "field"; readonly name: string; readonly idle: boolean }
  /** Images, audio, files: left alone, but not read. */
  | { readonly kind: "media" }
  /** What its maker sealed (a signature, encrypted content): left alone while it is nothing but a long run of base64. */
  | { readonly kind: "sealed" }
  /** Repeats text as numbers (token ids, log-probabilities): emptied where text is masked. */
  | { readonly kind: "echo" }
  /** Filled with chance, to hide lengths, or counted: may differ in every message and says nothing. */
  | { readonly kind: "noise" };

/** A compiled table, with what it was made of: documents and tests list it. */
export interface PlaceTable extends PathTable<Place> {
  readonly places: Readonly<Record<string, Place>>;
}

interface TextOptions {
  readonly syntax?: Syntax;
  readonly scope?: Scope;
  readonly depth: number;
  readonly tokenIds?: boolean;
}

/** A place of text. `depth` as in {@link Place}; plain, closed with its message, and without token ids unless said otherwise. */
export const text = (author: Author, options: TextOptions): Place => ({
  kind: "text",
  author,
  syntax: options.syntax ?? "plain",
  scope: options.scope ?? "message",
  depth: options.depth,
  tokenIds: options.tokenIds ?? false,
  written: false,
});

/** A place of a JSON value that is masked as one JSON text, its keys and numbers too. */
export const jsonValue = (author: Author, depth: number): Place => ({
  kind: "text",
  author,
  syntax: "json",
  scope: "message",
  depth,
  tokenIds: false,
  written: true,
});

export const token: Place = { kind: "token", idle: false };
/** A token that every message of a stream repeats. */
export const idleToken: Place = { kind: "token", idle: true };
export const media: Place = { kind: "media" };
export const sealed: Place = { kind: "sealed" };
export const echo: Place = { kind: "echo" };
export const noise: Place = { kind: "noise" };
/** A value remembered under `name`. */
export const field = (name: string, options: { readonly idle?: boolean } = {}): Place => ({
  kind: "field",
  name,
  idle: options.idle ?? false,
});

/** Compiles a table of paths (src/envelope/json/path.ts) once, at load. */
export const placeTable = (paths: Readonly<Record<string, Place>>): PlaceTable => {
  const { root, caseless } = compilePaths(paths);
  return { root, caseless, places: paths };
};

/** The table of an API nobody has described: all of it is walked. */
export const noPlaces: PlaceTable = placeTable({});
