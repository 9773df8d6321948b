/** The tokenizer over a whole text: strict RFC 8259, no recursion, no objects built. */

import type { JsonCursor, JsonKind, JsonVisitor } from "./cursor.ts";
import { JsonError } from "./error.ts";
import { hexDigit, shortEscape, unescapeJson } from "./escape.ts";
import { SeenKeys } from "./keys.ts";
import { defaultJsonLimits, type JsonLimits } from "./limits.ts";
import { afterIndex, afterKey, caselessKey, emptyPathTable, type PathState, type PathTable } from "./path.ts";

export interface WalkOptions<T> {
  readonly table?: PathTable<T>;
  readonly limits?: JsonLimits;
}

/**
 * Walks a JSON text: checks every byte of its grammar, refuses duplicate keys at every level (compared unescaped), and shows each token to the visitor.
 * Tokens before a fault have been shown by the time the JsonError is thrown.
 */
export const walkJson = <T = never>(text: string, visitor: JsonVisitor<T>, options: WalkOptions<T> = {}): void => {
  new Walk(text, visitor, options).run();
};

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const firstPrintable = 0x20;
const letterU = 0x75;
const unicodeDigits = 4;

/** A container that is open. Frames are made once for each depth and used again. */
interface Frame<T> {
  object: boolean;
  start: number;
  /** Whether nothing has been read in it yet. */
  fresh: boolean;
  /** Index of the element at hand, in an array. */
  index: number;
  /** The key at hand, in an object. */
  key: string;
  /** Where the walk stood in the table at the container itself. */
  state: PathState<T>;
}

class Walk<T> implements JsonCursor<T> {
  kind: JsonKind = "null";
  start = 0;
  end = 0;
  escaped = false;
  depth = 0;
  #at = 0;
  #state: PathState<T>;
  readonly #text: string;
  readonly #visitor: JsonVisitor<T>;
  readonly #caseless: boolean;
  readonly #limits: JsonLimits;
  readonly #frames: Frame<T>[] = [];
  readonly #seen: SeenKeys;

  constructor(text: string, visitor: JsonVisitor<T>, options: WalkOptions<T>) {
    const table = options.table ?? emptyPathTable;
    this.#text = text;
    this.#visitor = visitor;
    this.#caseless = table.caseless;
    this.#state = table.root;
    this.#limits = options.limits ?? defaultJsonLimits;
    this.#seen = new SeenKeys(this.#limits.keys);
  }

  get tag(): T | undefined {
    return this.#state.tag;
  }

  get known(): boolean {
    return !this.#state.dead || this.#state.tag !== undefined;
  }

  get named(): boolean {
    const frame = this.#frames[this.depth - 1];
    return frame?.object === true && frame.state.keys.has(this.#caseless ? caselessKey(frame.key) : frame.key);
  }

  raw(): string {
    return this.#text.slice(this.start, this.end);
  }

  string(): string | undefined {
    if (this.kind !== "string") return undefined;
    const inner = this.#text.slice(this.start + 1, this.end - 1);
    return this.escaped ? unescapeJson(inner) : inner;
  }

  path(): (string | number)[] {
    return this.#frames.slice(0, this.depth).map((frame) => (frame.object ? frame.key : frame.index));
  }

  run(): void {
    this.#value();
    while (this.depth > 0) this.#step();
    this.#space();
    if (this.#at < this.#text.length) this.#fail(this.#at);
  }

  /** Moves over white space and returns the code unit that follows; NaN at the end of the text. */
  #space(): number {
    const text = this.#text;
    let at = this.#at;
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) unit = text.charCodeAt(++at);
    this.#at = at;
    return unit;
  }

  #fail(offset: number): never {
    throw new JsonError("syntax", offset);
  }

  /** What follows in the innermost container: a member, an element, or its end. */
  #step(): void {
    const frame = this.#frame(this.depth - 1);
    const unit = this.#space();
    if (unit === (frame.object ? closeBrace : closeBracket)) {
      this.#leave(frame);
      return;
    }
    if (frame.fresh) frame.fresh = false;
    else if (unit === comma) this.#at += 1;
    else this.#fail(this.#at);
    if (frame.object) this.#key(frame);
    else this.#state = afterIndex(frame.state, ++frame.index);
    this.#value();
  }

  #frame(depth: number): Frame<T> {
    const frame = this.#frames[depth];
    if (frame !== undefined) return frame;
    const made: Frame<T> = { object: false, start: 0, fresh: true, index: -1, key: "", state: this.#state };
    this.#frames.push(made);
    return made;
  }

  #key(frame: Frame<T>): void {
    if (this.#space() !== quote) this.#fail(this.#at);
    this.#string();
    const inner = this.#text.slice(this.start + 1, this.end - 1);
    frame.key = this.escaped ? unescapeJson(inner) : inner;
    this.#seen.add(frame.key, this.start);
    this.#state = afterKey(frame.state, frame.key, this.#caseless);
    this.#visitor.key?.(this);
    if (this.#space() !== colon) this.#fail(this.#at);
    this.#at += 1;
  }

  #value(): void {
    const unit = this.#space();
    if (unit === quote) this.#string();
    else if (unit === openBrace || unit === openBracket) {
      this.#enter(unit === openBrace);
      return;
    } else if (unit === minus || (unit >= zero && unit <= nine)) this.#number(unit);
    else this.#literal(unit);
    this.#visitor.value?.(this);
  }

  #enter(object: boolean): void {
    const offset = this.#at;
    if (this.depth >= this.#limits.depth) throw new JsonError("too-deep", offset);
    this.kind = object ? "object" : "array";
    this.start = offset;
    this.end = offset + 1;
    this.escaped = false;
    this.#at = offset + 1;
    this.#visitor.enter?.(this);
    const frame = this.#frame(this.depth++);
    frame.object = object;
    frame.start = offset;
    frame.fresh = true;
    frame.index = -1;
    frame.state = this.#state;
    if (object) this.#seen.open();
  }

  #leave(frame: Frame<T>): void {
    this.#at += 1;
    this.depth -= 1;
    if (frame.object) this.#seen.close();
    this.kind = frame.object ? "object" : "array";
    this.start = frame.start;
    this.end = this.#at;
    this.escaped = false;
    this.#state = frame.state;
    this.#visitor.leave?.(this);
  }

  #token(kind: JsonKind, end: number, escaped: boolean): void {
    this.kind = kind;
    this.start = this.#at;
    this.end = end;
    this.escaped = escaped;
    this.#at = end;
  }

  #string(): void {
    const text = this.#text;
    let at = this.#at + 1;
    let escaped = false;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === quote) break;
      if (unit === backslash) {
        escaped = true;
        at = this.#escape(at + 1);
      } else if (unit >= firstPrintable) at += 1;
      else this.#fail(at); // a control character, or NaN: the text ended
    }
    this.#token("string", at + 1, escaped);
  }

  /** Takes the offset after a backslash, gives the one after the escape. */
  #escape(at: number): number {
    const letter = this.#text.charCodeAt(at);
    if (letter !== letterU) return shortEscape(letter) < 0 ? this.#fail(at) : at + 1;
    for (let digit = at + 1; digit <= at + unicodeDigits; digit++) {
      if (hexDigit(this.#text.charCodeAt(digit)) < 0) this.#fail(digit);
    }
    return at + 1 + unicodeDigits;
  }

  #number(first: number): void {
    const text = this.#text;
    let at = this.#at + (first === minus ? 1 : 0);
    at = text.charCodeAt(at) === zero ? at + 1 : this.#digits(at);
    if (text.charCodeAt(at) === dot) at = this.#digits(at + 1);
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      const sign = text.charCodeAt(++at);
      at = this.#digits(sign === plus || sign === minus ? at + 1 : at);
    }
    this.#token("number", at, false);
  }

  /** The end of a run of at least one digit. */
  #digits(from: number): number {
    const text = this.#text;
    let at = from;
    let unit = text.charCodeAt(at);
    while (unit >= zero && unit <= nine) unit = text.charCodeAt(++at);
    return at === from ? this.#fail(at) : at;
  }

  #literal(first: number): void {
    const kind = first === 0x74 ? "true" : first === 0x66 ? "false" : first === 0x6e ? "null" : this.#fail(this.#at);
    for (let index = 1; index < kind.length; index++) {
      if (this.#text.charCodeAt(this.#at + index) !== kind.charCodeAt(index)) this.#fail(this.#at + index);
    }
    this.#token(kind, this.#at + kind.length, false);
  }
}
