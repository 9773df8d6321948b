/** The tokenizer over a text that arrives in pieces: tells what every code unit is part of as soon as it is known. */

import { hexDigit, shortEscape } from "./escape.ts";
import { endsNumber, startNumber, stepNumber } from "./number.ts";
import { afterIndex, afterKey, type PathState, type PathTable } from "./path.ts";

/** Sees a text's parts in order. Offsets are UTF-16 code units from the stream's beginning. */
export interface JsonSink {
  /** A string's or key's opening quote stands at `start`. */
  openString(start: number, key: boolean): void;
  /** Code units of the open string that stand for themselves. */
  characters(start: number, text: string): void;
  /** An escape of the open string, complete: it stands for `unit`. */
  escape(start: number, end: number, unit: number): void;
  /** `end` follows the closing quote. */
  closeString(end: number): void;
  /** A number or literal begins; it is closed when the code unit after it has been seen, or the text has ended. */
  openScalar(start: number): void;
  closeScalar(end: number): void;
  /** A container opens. True skips it: nothing inside is told or checked but that brackets and strings close. `deep`: it is beyond the depth limit and skipped in any case. */
  enter(start: number, deep: boolean): boolean;
  leave(end: number): void;
  /** The text cannot be JSON from here on, whatever follows. Nothing more is told. */
  broken(at: number): void;
}

export interface StreamOptions<T> {
  readonly table: PathTable<T>;
  /** Containers open at once. */
  readonly depth: number;
  /** Whether values may follow one another (NDJSON, concatenated JSON), with or without white space between them. */
  readonly many: boolean;
}

/** A key is remembered for the path up to so many UTF-16 code units; a longer one is no table's, and its path shows its beginning. */
const longestKey = 256;

type State =
  | "value"
  | "first-element"
  | "first-key"
  | "key"
  | "colon"
  | "after"
  | "string"
  | "escape"
  | "hex"
  | "number"
  | "literal"
  | "skip"
  | "skip-string"
  | "skip-escape"
  | "done"
  | "broken";

interface Level<T> {
  readonly object: boolean;
  key: string;
  index: number;
  readonly state: PathState<T>;
}

/** A resumable tokenizer. Memory grows with the depth alone. Duplicate keys are all told; a key's or number's length is nobody's concern here. */
export class JsonStream<T> {
  readonly #sink: JsonSink;
  readonly #options: StreamOptions<T>;
  readonly #levels: Level<T>[] = [];
  #state: State = "value";
  #place: PathState<T>;
  /** Offset of the chunk at hand in the stream. */
  #base = 0;
  #isKey = false;
  #key = "";
  #longKey = false;
  #escapeStart = 0;
  #hex = 0;
  #hexDigits = 0;
  #number = 0;
  #literal = "";
  #literalAt = 0;
  #skipDepth = 0;

  constructor(sink: JsonSink, options: StreamOptions<T>) {
    this.#sink = sink;
    this.#options = options;
    this.#place = options.table.root;
  }

  /** What the table says of the value at hand, from its beginning to its end. */
  get tag(): T | undefined {
    return this.#place.tag;
  }

  /** Keys and indices from the root to the value at hand. */
  path(): (string | number)[] {
    return this.#levels.map((level) => (level.object ? level.key : level.index));
  }

  /** The keys alone from the root to the value at hand, with dots between them: made for every string, so without a list. */
  get keyPath(): string {
    let path = "";
    let first = true;
    for (const level of this.#levels) {
      if (!level.object) continue;
      path = first ? level.key : `${path}.${level.key}`;
      first = false;
    }
    return path;
  }

  /** Whether the value at hand is an object's member, not an element or the text itself. */
  get member(): boolean {
    return this.#levels.at(-1)?.object === true;
  }

  /** Where an escape begins that is not yet complete; undefined where there is none. */
  get openEscape(): number | undefined {
    return this.#state === "escape" || this.#state === "hex" ? this.#escapeStart : undefined;
  }

  push(chunk: string): void {
    let at = 0;
    while (at < chunk.length && this.#state !== "broken") at = this.#advance(chunk, at);
    this.#base += chunk.length;
  }

  /** Ends the text. Whether it was whole: one value, or any number of them where many may follow one another. */
  finish(): boolean {
    if (this.#state === "number" && endsNumber(this.#number)) this.#endScalar(this.#base);
    return this.#state === "done" || (this.#state === "value" && this.#levels.length === 0 && this.#options.many);
  }

  /** Takes at least one step from `at`; gives the offset in the chunk to go on from. */
  #advance(chunk: string, at: number): number {
    const unit = chunk.charCodeAt(at);
    switch (this.#state) {
      case "string":
        return this.#inString(chunk, at);
      case "escape":
        return this.#inEscape(unit, at);
      case "hex":
        return this.#inHex(unit, at);
      case "number":
        return this.#inNumber(unit, at);
      case "literal":
        return this.#inLiteral(unit, at);
      case "skip":
        return this.#inSkip(unit, at);
      case "skip-string":
        if (unit === 0x22) this.#state = "skip";
        else if (unit === 0x5c) this.#state = "skip-escape";
        return at + 1;
      case "skip-escape":
        this.#state = "skip-string";
        return at + 1;
      case "broken":
        return chunk.length;
      case "value":
      case "first-element":
      case "first-key":
      case "key":
      case "colon":
      case "after":
      case "done":
        if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) return at + 1;
        return this.#structure(unit, at);
    }
  }

  #break(at: number): number {
    this.#state = "broken";
    this.#sink.broken(this.#base + at);
    return at + 1;
  }

  /** A code unit outside of scalars that is not white space. */
  #structure(unit: number, at: number): number {
    switch (this.#state) {
      case "first-key":
        return unit === 0x7d ? this.#leave(at) : this.#openKey(unit, at);
      case "key":
        return this.#openKey(unit, at);
      case "colon":
        if (unit !== 0x3a) return this.#break(at);
        this.#state = "value";
        return at + 1;
      case "after":
        return this.#after(unit, at);
      case "first-element":
        if (unit === 0x5d) return this.#leave(at);
        this.#nextElement();
        return this.#openValue(unit, at);
      case "done":
        return this.#options.many ? this.#openValue(unit, at) : this.#break(at);
      default:
        return this.#openValue(unit, at);
    }
  }

  #after(unit: number, at: number): number {
    const object = this.member;
    if (unit === (object ? 0x7d : 0x5d)) return this.#leave(at);
    if (unit !== 0x2c) return this.#break(at);
    if (object) this.#state = "key";
    else {
      this.#state = "value";
      this.#nextElement();
    }
    return at + 1;
  }

  #nextElement(): void {
    const level = this.#levels.at(-1);
    if (level !== undefined) this.#place = afterIndex(level.state, ++level.index);
  }

  #openKey(unit: number, at: number): number {
    if (unit !== 0x22) return this.#break(at);
    this.#key = "";
    this.#longKey = false;
    return this.#openString(true, at);
  }

  #openString(key: boolean, at: number): number {
    this.#isKey = key;
    this.#state = "string";
    this.#sink.openString(this.#base + at, key);
    return at + 1;
  }

  #openValue(unit: number, at: number): number {
    if (unit === 0x22) return this.#openString(false, at);
    if (unit === 0x7b || unit === 0x5b) return this.#enter(unit === 0x7b, at);
    this.#number = startNumber(unit);
    if (this.#number !== 0) this.#state = "number";
    else {
      this.#literal = unit === 0x74 ? "true" : unit === 0x66 ? "false" : unit === 0x6e ? "null" : "";
      if (this.#literal === "") return this.#break(at);
      this.#literalAt = 1;
      this.#state = "literal";
    }
    this.#sink.openScalar(this.#base + at);
    return at + 1;
  }

  #enter(object: boolean, at: number): number {
    const deep = this.#levels.length >= this.#options.depth;
    if (this.#sink.enter(this.#base + at, deep) || deep) {
      this.#skipDepth = 1;
      this.#state = "skip";
      return at + 1;
    }
    this.#levels.push({ object, key: "", index: -1, state: this.#place });
    this.#state = object ? "first-key" : "first-element";
    return at + 1;
  }

  #leave(at: number): number {
    const level = this.#levels.pop();
    if (level !== undefined) this.#place = level.state;
    this.#sink.leave(this.#base + at + 1);
    this.#endValue();
    return at + 1;
  }

  #endValue(): void {
    this.#state = this.#levels.length === 0 ? "done" : "after";
  }

  #inSkip(unit: number, at: number): number {
    if (unit === 0x22) this.#state = "skip-string";
    else if (unit === 0x7b || unit === 0x5b) this.#skipDepth += 1;
    else if ((unit === 0x7d || unit === 0x5d) && --this.#skipDepth === 0) {
      this.#sink.leave(this.#base + at + 1);
      this.#endValue();
    }
    return at + 1;
  }

  #inString(chunk: string, from: number): number {
    let at = from;
    let unit = chunk.charCodeAt(at);
    while (unit !== 0x22 && unit !== 0x5c && unit >= 0x20) unit = chunk.charCodeAt(++at);
    if (at > from) this.#characters(chunk.slice(from, at), from);
    if (at === chunk.length) return at;
    if (unit === 0x5c) {
      this.#escapeStart = this.#base + at;
      this.#state = "escape";
      return at + 1;
    }
    return unit === 0x22 ? this.#closeString(at) : this.#break(at);
  }

  #characters(text: string, at: number): void {
    if (this.#isKey) this.#appendKey(text);
    this.#sink.characters(this.#base + at, text);
  }

  #appendKey(text: string): void {
    if (this.#key.length + text.length > longestKey) this.#longKey = true;
    this.#key += text.slice(0, longestKey - this.#key.length);
  }

  #closeString(at: number): number {
    if (this.#isKey) this.#setKey();
    this.#sink.closeString(this.#base + at + 1);
    if (this.#isKey) this.#state = "colon";
    else this.#endValue();
    return at + 1;
  }

  #setKey(): void {
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    level.key = this.#key;
    this.#place = this.#longKey ? level.state.other : afterKey(level.state, this.#key, this.#options.table.caseless);
  }

  #inEscape(letter: number, at: number): number {
    if (letter === 0x75) {
      this.#hex = 0;
      this.#hexDigits = 0;
      this.#state = "hex";
      return at + 1;
    }
    const unit = shortEscape(letter);
    return unit < 0 ? this.#break(at) : this.#endEscape(unit, at);
  }

  #inHex(letter: number, at: number): number {
    const digit = hexDigit(letter);
    if (digit < 0) return this.#break(at);
    this.#hex = this.#hex * 16 + digit;
    if (++this.#hexDigits < 4) return at + 1;
    return this.#endEscape(this.#hex, at);
  }

  #endEscape(unit: number, at: number): number {
    if (this.#isKey) this.#appendKey(String.fromCharCode(unit));
    this.#state = "string";
    this.#sink.escape(this.#escapeStart, this.#base + at + 1, unit);
    return at + 1;
  }

  #inNumber(unit: number, at: number): number {
    const next = stepNumber(this.#number, unit);
    if (next !== 0) {
      this.#number = next;
      return at + 1;
    }
    if (!endsNumber(this.#number)) return this.#break(at);
    this.#endScalar(this.#base + at);
    return at;
  }

  #inLiteral(unit: number, at: number): number {
    if (unit !== this.#literal.charCodeAt(this.#literalAt)) return this.#break(at);
    if (++this.#literalAt === this.#literal.length) this.#endScalar(this.#base + at + 1);
    return at + 1;
  }

  #endScalar(end: number): void {
    this.#sink.closeScalar(end);
    this.#endValue();
  }
}
