/** Finds every text of a JSON document, by a table and, where the table is silent, by walking. */

import { type JsonCursor, type JsonKind, type JsonVisitor, walkJson } from "../../src/envelope/json/index.ts";
import type { Visibility } from "../../src/envelope/message.ts";
import type { Place, PlaceTable } from "./place.ts";

/** A text found: UTF-16 offsets of the token, quotes included. */
export interface FoundText {
  /** `value`: any JSON value, which is the text as it is written. */
  readonly kind: "string" | "number" | "key" | "value";
  readonly start: number;
  readonly end: number;
  /** Unescaped; of a `value`, as it is written. */
  readonly text: string;
  readonly path: readonly (string | number)[];
  /** undefined where no table names the place: it is data. */
  readonly place: Extract<Place, { kind: "text" | "noise" }> | undefined;
}

/** A value that the adapter acts on. */
export interface FoundField {
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
  /** The string, the number, the boolean, or null; undefined for containers. */
  readonly value: string | number | boolean | null | undefined;
}

/** A value that repeats text as numbers. */
export interface Echo {
  readonly start: number;
  readonly end: number;
  readonly instead: "null" | "[]";
}

export interface Located {
  /** In the order of the document. */
  readonly texts: readonly FoundText[];
  readonly fields: readonly FoundField[];
  /** Values that repeat text as numbers: ranges, and what may stand there instead. */
  readonly echoes: readonly Echo[];
  readonly visibility: Visibility;
  /** Whether the document holds nothing but stream text, noise, and what every message of its stream has. */
  readonly idle: boolean;
}

export interface LocateOptions {
  readonly table: PlaceTable;
  /** Whether numbers that no table names are texts too: in data whose meaning nobody knows. */
  readonly numbers?: boolean;
  /** Whether a string passes unread where the table has tokens; absent: whatever looks like one. Strings with escapes are not asked about: they are walked. */
  readonly passes?: (text: string) => boolean;
}

/** Locates. Throws JsonError for what is not strict JSON, duplicate keys included. */
export const locate = (document: string, options: LocateOptions): Located => {
  const finder = new Finder(options.numbers === true, options.passes ?? looksLikeToken);
  walkJson(document, finder, { table: options.table });
  return finder;
};

/** The scalar fields that a table names, and nothing else of the document. Throws JsonError. */
export const fieldsOf = (document: string, table: PlaceTable): readonly FoundField[] => {
  const fields: FoundField[] = [];
  const value = (at: JsonCursor<Place>): void => {
    if (at.tag?.kind !== "field") return;
    fields.push({ name: at.tag.name, path: at.path(), kind: at.kind, start: at.start, end: at.end, value: scalar(at) });
  };
  walkJson(document, { value }, { table });
  return fields;
};

/** An identifier or a word of an API's vocabulary: no spaces, no quotes, not long. */
const tokenForm = /^[A-Za-z0-9_.:/+=-]{0,128}$/;

/** What chance fills in: letters and digits, too few for anything that is looked for, and not digits alone. Asked about the whole token. */
const noiseForm = /^"(?![0-9]+")[A-Za-z0-9]{0,16}"$/;
const isNoise = (raw: string): boolean => noiseForm.test(raw);

/** Whether a text looks like an identifier or a word of an API's vocabulary. */
export const looksLikeToken = (text: string): boolean => tokenForm.test(text);

/** Base64 of either alphabet (RFC 4648), longer than a credential of that form would be. */
const sealedForm = /^[A-Za-z0-9+/_-]{128,}={0,2}$/;

/** Whether a text looks like what only its maker can read. A masker would find something in one of a hundred such texts, by chance, and break it. */
export const looksSealed = (text: string): boolean => sealedForm.test(text);

/** Inline payloads in base64, RFC 2397: their text is not written in characters. */
const inlinePayload = /^data:[A-Za-z0-9.+/;=_-]{0,128};base64,/;

const isContainer = (kind: JsonKind): boolean => kind === "object" || kind === "array";

class Finder implements JsonVisitor<Place>, Located {
  readonly texts: FoundText[] = [];
  readonly fields: FoundField[] = [];
  readonly echoes: Echo[] = [];
  visibility: Visibility = "whole";
  idle = true;
  readonly #numbers: boolean;
  readonly #passes: (text: string) => boolean;
  /** Depth of the container whose contents are left alone; infinite when none is. */
  #muted = Number.POSITIVE_INFINITY;

  constructor(numbers: boolean, passes: (text: string) => boolean) {
    this.#numbers = numbers;
    this.#passes = passes;
  }

  value(at: JsonCursor<Place>): void {
    if (at.depth > this.#muted) return;
    const place = at.tag;
    if (place === undefined) this.#data(at);
    else this.#placed(at, place);
  }

  key(at: JsonCursor<Place>): void {
    if (at.depth > this.#muted || at.named) return;
    this.idle = false;
    this.#found("key", at, undefined);
  }

  enter(at: JsonCursor<Place>): void {
    const place = at.tag;
    if (place === undefined || at.depth >= this.#muted) return;
    switch (place.kind) {
      case "echo":
        this.#mute(at.depth);
        break;
      case "field":
        this.#field(at, place.name);
        break;
      case "text":
        if (place.written) this.#mute(at.depth);
        break;
      case "media":
      case "sealed":
      case "token":
      case "noise":
        break;
    }
  }

  leave(at: JsonCursor<Place>): void {
    if (at.tag?.kind === "field") this.#closeField(at);
    if (at.depth !== this.#muted) return;
    this.#muted = Number.POSITIVE_INFINITY;
    if (at.tag?.kind === "echo") this.#echo(at);
    if (at.tag?.kind === "text") this.#found("value", at, at.tag);
  }

  /** What is empty repeats nothing. */
  #echo(at: JsonCursor<Place>): void {
    const { start, end, kind } = at;
    if (end - start > "[]".length) this.echoes.push({ start, end, instead: kind === "array" ? "[]" : "null" });
  }

  /** A container's end is known once it closes. */
  #closeField(at: JsonCursor<Place>): void {
    const index = this.fields.findLastIndex(({ start }) => start === at.start);
    const opened = this.fields[index];
    if (opened !== undefined) this.fields[index] = { ...opened, end: at.end };
  }

  #mute(depth: number): void {
    this.idle = false;
    this.#muted = depth;
  }

  #see(visibility: Visibility): void {
    if (this.visibility !== "none") this.visibility = visibility;
  }

  #placed(at: JsonCursor<Place>, place: Place): void {
    switch (place.kind) {
      case "text":
        this.#text(at, place);
        break;
      case "field":
        this.#field(at, place.name);
        this.#token(at, place.idle);
        break;
      case "token":
        this.#token(at, place.idle);
        break;
      case "media":
        this.#media(at);
        break;
      case "echo":
        if (at.kind === "null") break;
        this.idle = false;
        this.echoes.push({ start: at.start, end: at.end, instead: "null" });
        break;
      case "noise":
        if (at.kind === "number" || (at.kind === "string" && isNoise(at.raw()))) this.#found(at.kind, at, place);
        else this.#data(at);
        break;
      case "sealed":
        this.#sealed(at);
        break;
    }
  }

  #text(at: JsonCursor<Place>, place: Extract<Place, { kind: "text" }>): void {
    if (place.scope === "message" && at.kind !== "null") this.idle = false;
    if (place.written) this.#found("value", at, place);
    else if (at.kind === "string") this.#found("string", at, place);
    else if (at.kind === "number" && place.tokenIds) this.visibility = "none";
    else this.#data(at);
  }

  #token(at: JsonCursor<Place>, idle: boolean): void {
    if (at.kind === "null") return;
    if (!idle) this.idle = false;
    if (at.kind !== "string") return;
    const inner = at.raw().slice(1, -1);
    if (!looksLikeToken(inner)) this.#data(at);
    else if (!this.#passes(inner)) this.#found("string", at, undefined);
  }

  #sealed(at: JsonCursor<Place>): void {
    this.idle = false;
    if (at.kind !== "string" || !looksSealed(at.raw().slice(1, -1))) this.#data(at);
  }

  #media(at: JsonCursor<Place>): void {
    if (at.kind !== "string") {
      this.#data(at);
      return;
    }
    this.idle = false;
    const inner = at.raw().slice(1, -1);
    if (inlinePayload.test(inner) || sealedForm.test(inner)) this.#see("partial");
    else this.#data(at);
  }

  #data(at: JsonCursor<Place>): void {
    if (at.kind === "null") return;
    this.idle = false;
    if (at.kind === "string") this.#found("string", at, undefined);
    else if (at.kind === "number" && this.#numbers) this.#found("number", at, undefined);
  }

  #field(at: JsonCursor<Place>, name: string): void {
    const value = isContainer(at.kind) ? undefined : scalar(at);
    this.fields.push({ name, path: at.path(), kind: at.kind, start: at.start, end: at.end, value });
  }

  #found(kind: FoundText["kind"], at: JsonCursor<Place>, place: FoundText["place"]): void {
    const text = kind === "value" ? at.raw() : (at.string() ?? at.raw());
    this.texts.push({ kind, start: at.start, end: at.end, text, path: at.path(), place });
  }
}

const scalar = (at: JsonCursor<unknown>): string | number | boolean | null => {
  const text = at.string();
  if (text !== undefined) return text;
  if (at.kind === "number") return Number(at.raw());
  return at.kind === "null" ? null : at.kind === "true";
};
