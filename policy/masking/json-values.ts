/** Scans the strings of a JSON lane unescaped, with their key path before them, and tells the spans in the lane's own offsets. */

import type { Core } from "./compile.ts";
import type { LaneEnd } from "./program.ts";
import { ViewScanner } from "./views.ts";
import { OffsetMap } from "./views-map.ts";
import { edge, type SpanSink } from "./views-scanner.ts";

/** Units of a key path that stand before its value: a detector's context (`aws_secret_access_key = …`) is shorter. */
const contextUnits = 128;

/** What a value is read behind: `credentials.password: `. Empty where there is no key. */
export const contextOf = (keyPath: string): string => (keyPath === "" ? "" : `${keyPath.slice(-contextUnits)}: `);

export class ValueScanner implements SpanSink {
  readonly #scanner: ViewScanner;
  readonly #sink: SpanSink;
  readonly #map = new OffsetMap();
  /** Units of context before the value. */
  #context = 0;
  #start = 0;
  /** Context and value so far, unescaped, in units; the end of it is `#unread`. */
  #length = 0;
  #unread = "";
  /** Source offset up to which the value is known. */
  #at = 0;
  #spanStart = 0;

  constructor(core: Core, sink: SpanSink) {
    this.#sink = sink;
    this.#scanner = new ViewScanner(core, this);
  }

  /** Begins a value that stands at source offset `start`. */
  begin(start: number, context: string): void {
    this.#context = context.length;
    this.#length = context.length;
    this.#unread = context;
    this.#start = start;
    this.#spanStart = start;
    this.#at = start;
    this.#map.reset(context.length, start);
    this.#scanner.reset(0, edge);
  }

  /** Units that stand for themselves. */
  characters(text: string): void {
    this.#at += text.length;
    this.#length += text.length;
    this.#unread += text;
  }

  /** A unit that is written as an escape. */
  escape(start: number, end: number, unit: number): void {
    this.#map.note(this.#length, start, end - start);
    this.#at = end;
    this.#length += 1;
    this.#unread += String.fromCharCode(unit);
  }

  /** Scans what has come. */
  scan(): void {
    const text = this.#unread;
    if (text === "") return;
    this.#unread = "";
    this.#scanner.push(text);
    if (this.#map.crowded) this.#map.prune(this.#scanner.hold);
  }

  finish(end: LaneEnd): void {
    this.scan();
    this.#scanner.finish(end);
  }

  /** Source offset before which no new span is told, once everything is scanned. */
  get hold(): number {
    const { hold, end } = this.#scanner;
    if (hold === end) return this.#at;
    return hold <= this.#context ? this.#start : this.#map.start(hold);
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    if (end <= this.#context) return;
    // What a span covers of its context does not stand in the lane.
    if (!continues) this.#spanStart = start <= this.#context ? this.#start : this.#map.start(start);
    this.#sink.span(this.#spanStart, this.#map.end(end), rule, text, continues);
  }
}
