/** Values of JSON that comes in pieces, may be several texts, and may be none at all: what readers less strict than ours would find in it. */

import { type JsonSink, JsonStream, type PathTable } from "../../src/envelope/json/index.ts";

/** A string, number or literal at a place that a table names. */
export interface FoundValue<T> {
  readonly tag: T;
  readonly path: readonly (string | number)[];
  readonly kind: "string" | "scalar";
  /** What a string says; anything else as it is written. */
  readonly text: string;
  /** Whether that is all of it: of what is longer than any name the rest is not kept. */
  readonly whole: boolean;
  /** Whether it stands in what the body begins with: all that readers of one JSON text take. */
  readonly first: boolean;
}

/** Containers open at once; what lies deeper is not looked at. */
const deepest = 64;
/** UTF-16 code units of a string that are kept: names are looked for, and an upstream may send what it likes. */
const longest = 4_096;

class ValueReader<T> implements JsonSink {
  /** Where in what was pushed last the text stopped being JSON; undefined: it is some so far. */
  brokenAt: number | undefined;
  readonly #stream: JsonStream<T>;
  #found: FoundValue<T>[] = [];
  #chunk = "";
  #base = 0;
  #open: string | undefined;
  #scalar = 0;
  #depth = 0;
  #first: boolean;

  constructor(table: PathTable<T>, first: boolean) {
    this.#first = first;
    this.#stream = new JsonStream(this, { table, depth: deepest, many: true });
  }

  /** The values that end in this piece. A number that began in another one is left out. */
  push(chunk: string): readonly FoundValue<T>[] {
    this.#found = [];
    this.#chunk = chunk;
    this.#stream.push(chunk);
    this.#base += chunk.length;
    return this.#found;
  }

  openString(_start: number, key: boolean): void {
    this.#open = !key && this.#stream.tag !== undefined ? "" : undefined;
  }

  characters(_start: number, text: string): void {
    this.#keep(text);
  }

  escape(_start: number, _end: number, unit: number): void {
    this.#keep(String.fromCharCode(unit));
  }

  closeString(): void {
    if (this.#open !== undefined) this.#add("string", this.#open);
    this.#open = undefined;
  }

  openScalar(start: number): void {
    this.#scalar = start;
  }

  closeScalar(end: number): void {
    if (this.#scalar >= this.#base) this.#add("scalar", this.#chunk.slice(this.#scalar - this.#base, end - this.#base));
  }

  enter(): boolean {
    this.#depth += 1;
    return false;
  }

  leave(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#first = false;
  }

  broken(at: number): void {
    this.brokenAt = at - this.#base;
  }

  #keep(text: string): void {
    if (this.#open !== undefined && this.#open.length <= longest) this.#open += text.slice(0, longest + 1);
  }

  #add(kind: FoundValue<T>["kind"], text: string): void {
    const { tag } = this.#stream;
    if (tag === undefined) return;
    const value = { tag, path: this.#stream.path(), kind, first: this.#first };
    this.#found.push({ ...value, text: text.slice(0, longest), whole: text.length <= longest });
  }
}

/** Reads JSON that comes in pieces. What is none is skipped up to the next line; values that stand twice are told twice. */
export class LooseJson<T> {
  readonly #table: PathTable<T>;
  #reader: ValueReader<T> | undefined;

  constructor(table: PathTable<T>) {
    this.#table = table;
    this.#reader = new ValueReader(table, true);
  }

  push(text: string): FoundValue<T>[] {
    const found: FoundValue<T>[] = [];
    for (let at = 0; at < text.length; ) {
      if (this.#reader === undefined) {
        const feed = text.indexOf("\n", at);
        if (feed < 0) break;
        at = feed + 1;
        this.#reader = new ValueReader(this.#table, false);
      }
      found.push(...this.#reader.push(text.slice(at)));
      const { brokenAt } = this.#reader;
      if (brokenAt === undefined) break;
      at += brokenAt;
      this.#reader = undefined;
    }
    return found;
  }
}
