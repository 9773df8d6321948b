/** The base64 view: every run of 24 units and more is decoded, in each of the four ways its groups can lie, and scanned (rule 10). */

import type { Core } from "./compile.ts";
import type { LaneEnd } from "./program.ts";
import { Base64Decoder, findRun, runEnd, shortestRun, trailingRun } from "./views-base64.ts";
import type { RecentText } from "./views-recent.ts";
import { EngineScanner, edge, type SpanSink } from "./views-scanner.ts";
import { BASE64, OTHER, unitKinds, WAKES, wakesNothing } from "./views-units.ts";

const phases = [0, 1, 2, 3] as const;

/** How much of the text before a run is looked at for the head of a media payload: `data:application/vnd.ms-fontobject;charset=utf-8;base64,` and longer. */
const headUnits = 96;
/** Longer texts are not looked at unit by unit. At least as long as what the view looks back at. */
const longGlance = headUnits + shortestRun;
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

/** `waiting`: for a run that is long enough. `read`: one is. `ignored`: one is media, of which only the end matters. */
type RunState = "waiting" | "read" | "ignored";

export class BlobView {
  readonly #core: Core;
  readonly #sink: SpanSink;
  /** Made when the first run is found. */
  #readings: readonly Reading[] = [];
  readonly #earliest = new Earliest();
  #probe: Reading | undefined;
  #run: RunState = "waiting";
  /** Units of the run, too short to be read, that the text ends with; while waiting. */
  #short = 0;
  #end = 0;
  /** Where the head of a data URL that the text ends with may have begun. */
  #headFrom = 0;
  /** The text before the end. */
  readonly #recent: RecentText;

  constructor(core: Core, sink: SpanSink, recent: RecentText) {
    this.#core = core;
    this.#sink = sink;
    this.#recent = recent;
  }

  /** Whether no run is long enough to be looked into or passed over. */
  get waiting(): boolean {
    return this.#run === "waiting";
  }

  /** The view looks back no further than to this offset. */
  get since(): number {
    return Math.max(this.#headFrom, this.#end - headUnits - shortestRun);
  }

  /** The lesser of `limit` and the source offset before which the view tells no new span. It costs work only where a run could lower the limit. */
  holdBelow(limit: number): number {
    switch (this.#run) {
      case "ignored":
        return limit;
      case "read":
        return this.#readings.reduce((hold, reading) => Math.min(hold, reading.hold(this.#end)), limit);
      case "waiting": {
        const start = this.#end - this.#short;
        return start < limit ? Math.min(limit, this.#probeShort(start)) : limit;
      }
    }
  }

  reset(at: number): void {
    this.#run = "waiting";
    this.#short = 0;
    this.#end = at;
    this.#headFrom = at;
  }

  /** Passes over a text in which nothing concerns any view; false where something may, and then the text has not been seen. */
  glance(text: string): boolean {
    if (this.#run !== "waiting") return false;
    return text.length > longGlance ? this.#glanceLong(text) : this.#glanceShort(text);
  }

  #glanceShort(text: string): boolean {
    let run = this.#short;
    let seam = -1;
    for (let at = 0; at < text.length; at++) {
      const kind = unitKinds[text.charCodeAt(at)];
      if (kind === BASE64) {
        if (++run === shortestRun) return false;
      } else {
        if (kind === WAKES) return false;
        if (kind === OTHER) seam = at;
        run = 0;
      }
    }
    if (seam >= 0) this.#headFrom = this.#end + seam + 1;
    this.#short = run;
    this.#end += text.length;
    return true;
  }

  #glanceLong(text: string): boolean {
    const first = runEnd(text, 0);
    if (this.#short + first >= shortestRun || findRun(text, first) >= 0 || !wakesNothing(text)) return false;
    this.#short = text.length - trailingRun(text, first);
    this.#end += text.length;
    return true;
  }

  push(text: string): void {
    const base = this.#end;
    this.#end += text.length;
    let at = this.#continue(text, base);
    while (at < text.length) at = this.#next(text, at, base);
  }

  finish(end: LaneEnd): void {
    if (this.#run === "read") for (const reading of this.#readings) reading.finish(end);
    this.#run = "waiting";
    this.#short = 0;
  }

  /** Goes on with the run that the text before ended with; gives where it ends. */
  #continue(text: string, base: number): number {
    if (this.#run === "waiting" && this.#short === 0) return 0;
    const end = runEnd(text, 0);
    if (this.#run === "waiting") {
      const short = this.#short;
      if (short + end < shortestRun) {
        this.#short = end < text.length ? 0 : short + end;
        return end;
      }
      const start = base - short;
      this.#begin(start, this.#recent.from(start) + text.slice(0, end), this.#head(start));
    } else if (this.#run === "read") for (const reading of this.#readings) reading.push(text.slice(0, end));
    if (end < text.length) this.#close();
    return end;
  }

  /** Looks for the next long run from `at` on, and reads it; gives where to go on. */
  #next(text: string, at: number, base: number): number {
    const start = findRun(text, at);
    if (start < 0) {
      this.#short = text.length - trailingRun(text, at);
      return text.length;
    }
    const end = runEnd(text, start + shortestRun);
    const head = start < headUnits ? this.#head(base) + text.slice(0, start) : text.slice(start - headUnits, start);
    this.#begin(base + start, text.slice(start, end), head);
    if (end < text.length) this.#close();
    return end;
  }

  #begin(start: number, run: string, head: string): void {
    this.#short = 0;
    if (isMediaHead(head)) {
      this.#run = "ignored";
      return;
    }
    if (this.#readings.length === 0) this.#readings = phases.map(() => new Reading(this.#core, this.#sink));
    this.#run = "read";
    for (const [phase, reading] of this.#readings.entries()) {
      reading.begin(start, phase);
      reading.push(run);
    }
  }

  #close(): void {
    if (this.#run === "read") for (const reading of this.#readings) reading.finish({ complete: true });
    this.#run = "waiting";
  }

  /** The text before an offset that may be the head of a data URL. */
  #head(end: number): string {
    const text = this.#recent.from(end - headUnits);
    return end === this.#recent.end ? text : text.slice(0, end - this.#recent.end);
  }

  /** Where a secret could begin in a run that is too short to be read but may grow. */
  #probeShort(start: number): number {
    if (isMediaHead(this.#head(start))) return this.#end;
    const run = this.#recent.from(start);
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
