/** The base64 view: every run of 24 units and more is decoded, in each of the four ways its groups can lie, and scanned (rule 10). */

import type { Core } from "./compile.ts";
import type { LaneEnd } from "./program.ts";
import { Base64Decoder, findRun, runEnd, shortestRun, trailingRun } from "./views-base64.ts";
import { EngineScanner, edge, type SpanSink } from "./views-scanner.ts";

const phases = [0, 1, 2, 3] as const;
/** The text before is cut back to what may be needed once it is longer than this. */
const rememberedUnits = 1024;

/** How much of the text before a run is looked at for the head of a media payload: `data:application/vnd.ms-fontobject;charset=utf-8;base64,` and longer. */
const headUnits = 96;
/** A data URL (RFC 2397) of pictures, sound, films or fonts is left alone: chance matches in it would destroy it. */
const mediaHead = /data:(?:image|audio|video|font)\/[a-z0-9.+-]{1,60}(?:;[a-z0-9=._-]{1,40}){0,2};base64,$/iu;

const isMediaHead = (before: string): boolean => before.endsWith(",") && mediaHead.test(before.slice(-headUnits));

/** One way to decode a run, scanned. */
class Reading implements SpanSink {
  readonly #decoder = new Base64Decoder();
  readonly #scanner: EngineScanner;
  readonly #sink: SpanSink;

  constructor(core: Core, sink: SpanSink) {
    this.#sink = sink;
    this.#scanner = new EngineScanner(core, this);
  }

  begin(start: number, phase: number): void {
    this.#decoder.reset(start, phase);
    this.#scanner.reset(0, edge);
  }

  push(piece: string): void {
    this.#scanner.push(this.#decoder.decode(piece));
  }

  finish(end: LaneEnd): void {
    this.#scanner.finish(end);
  }

  /** As a source offset; `at` is the end of the run so far. */
  hold(at: number): number {
    const { hold, end } = this.#scanner;
    return hold < end ? this.#decoder.start(hold) : this.#decoder.partial ? at - 1 : at;
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    this.#sink.span(this.#decoder.start(start), this.#decoder.end(end), rule, text, continues);
  }
}

/** Notes where the earliest span would be. */
class Earliest implements SpanSink {
  start = Number.POSITIVE_INFINITY;

  span(start: number): void {
    if (start < this.start) this.start = start;
  }
}

type RunState =
  | { readonly kind: "none" }
  /** The text ends with a run that is not long enough yet. */
  | { readonly kind: "short"; readonly start: number; readonly text: string }
  | { readonly kind: "read" }
  /** Media: it is only waited for its end. */
  | { readonly kind: "ignored" };

const noRun: RunState = { kind: "none" };
const ignored: RunState = { kind: "ignored" };
const read: RunState = { kind: "read" };

export class BlobView {
  readonly #core: Core;
  readonly #sink: SpanSink;
  /** Made when the first run is found. */
  #readings: readonly Reading[] = [];
  readonly #earliest = new Earliest();
  #probe: Reading | undefined;
  #run: RunState = noRun;
  #end = 0;
  /** The end of the text so far: at least {@link headUnits}, where there were so many. */
  #recent = "";

  constructor(core: Core, sink: SpanSink) {
    this.#core = core;
    this.#sink = sink;
  }

  /** The lesser of `limit` and the source offset before which the view tells no new span. It costs work only where a run could lower the limit. */
  holdBelow(limit: number): number {
    switch (this.#run.kind) {
      case "none":
      case "ignored":
        return limit;
      case "read":
        return this.#readings.reduce((hold, reading) => Math.min(hold, reading.hold(this.#end)), limit);
      case "short":
        return this.#run.start < limit ? Math.min(limit, this.#probeShort(this.#run.start, this.#run.text)) : limit;
    }
  }

  reset(at: number): void {
    this.#run = noRun;
    this.#end = at;
    this.#recent = "";
  }

  push(text: string): void {
    const base = this.#end;
    this.#end += text.length;
    let at = this.#continue(text);
    while (at < text.length) at = this.#next(text, at, base);
    this.#remember(text);
  }

  finish(end: LaneEnd): void {
    if (this.#run.kind === "read") for (const reading of this.#readings) reading.finish(end);
    this.#run = noRun;
  }

  /** Goes on with the run that the text before ended with; gives where it ends. */
  #continue(text: string): number {
    if (this.#run.kind === "none") return 0;
    const end = runEnd(text, 0);
    if (this.#run.kind === "short") {
      const run = this.#run.text + text.slice(0, end);
      if (run.length < shortestRun) {
        this.#run = end < text.length ? noRun : { ...this.#run, text: run };
        return end;
      }
      this.#begin(this.#run.start, run, this.#recent.slice(0, -this.#run.text.length));
    } else if (this.#run.kind === "read") for (const reading of this.#readings) reading.push(text.slice(0, end));
    if (end < text.length) this.#close();
    return end;
  }

  /** Looks for the next long run from `at` on, and reads it; gives where to go on. */
  #next(text: string, at: number, base: number): number {
    const start = findRun(text, at);
    if (start < 0) {
      const short = trailingRun(text, at);
      if (short < text.length) this.#run = { kind: "short", start: base + short, text: text.slice(short) };
      return text.length;
    }
    const end = runEnd(text, start + shortestRun);
    const head = start < headUnits ? this.#recent + text.slice(0, start) : text.slice(start - headUnits, start);
    this.#begin(base + start, text.slice(start, end), head);
    if (end < text.length) this.#close();
    return end;
  }

  #begin(start: number, run: string, head: string): void {
    if (isMediaHead(head)) {
      this.#run = ignored;
      return;
    }
    if (this.#readings.length === 0) this.#readings = phases.map(() => new Reading(this.#core, this.#sink));
    this.#run = read;
    for (const [phase, reading] of this.#readings.entries()) {
      reading.begin(start, phase);
      reading.push(run);
    }
  }

  #close(): void {
    if (this.#run.kind === "read") for (const reading of this.#readings) reading.finish({ complete: true });
    this.#run = noRun;
  }

  #remember(text: string): void {
    this.#recent += text;
    if (this.#recent.length > rememberedUnits) this.#recent = this.#recent.slice(-headUnits - shortestRun);
  }

  /** Where a secret could begin in a run that is too short to be read but may grow. */
  #probeShort(start: number, run: string): number {
    if (isMediaHead(this.#recent.slice(0, -run.length))) return this.#end;
    this.#probe ??= new Reading(this.#core, this.#earliest);
    this.#earliest.start = this.#end;
    let hold = this.#end;
    for (const phase of phases) {
      this.#probe.begin(start, phase);
      this.#probe.push(run);
      hold = Math.min(hold, this.#probe.hold(this.#end));
    }
    return Math.min(hold, this.#earliest.start);
  }
}
