/** The masker of plain lanes that sees encodings too. */

import type { Core, LaneFactory } from "./compile.ts";
import type { PlainMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import { isHighSurrogate, isLowSurrogate } from "./surrogates.ts";
import { ViewScanner } from "./views.ts";
import { Cover } from "./views-cover.ts";
import type { SpanSink } from "./views-scanner.ts";

/** Lanes whose encoded secrets are found as well (rule 10): for `CompileOptions.plain`. */
export const viewLanes: LaneFactory = (core) => () => new ViewMasker(core);

class ViewMasker implements PlainMasker, SpanSink {
  readonly #scanner: ViewScanner;
  readonly #cover = new Cover();
  /** The text from `#released` on. */
  #kept = "";
  #released = 0;
  #end = 0;

  constructor(core: Core) {
    this.#scanner = new ViewScanner(core, this);
  }

  get held(): number {
    return this.#end - this.#released;
  }

  push(chunk: string): string {
    const sink = new JoinedText();
    this.pushOps(chunk, sink);
    return sink.text;
  }

  finish(end?: LaneEnd): string {
    const sink = new JoinedText();
    this.finishOps(sink, end);
    return sink.text;
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    this.#kept += chunk;
    this.#end += chunk.length;
    this.#scanner.push(chunk);
    this.#release(sink, this.#whole(this.#scanner.hold));
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.#scanner.finish(end);
    this.#release(sink, this.#end);
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    this.#cover.add(start, end, rule, text, continues);
  }

  /** A source offset, or the one before it where it would part a surrogate pair. */
  #whole(limit: number): number {
    const at = limit - this.#released;
    if (at <= 0 || !isHighSurrogate(this.#kept.charCodeAt(at - 1))) return limit;
    return limit === this.#end || isLowSurrogate(this.#kept.charCodeAt(at)) ? limit - 1 : limit;
  }

  /** Releases what lies before `limit`, and what pieces cover that are decided. */
  #release(sink: ReleaseSink, limit: number): void {
    const origin = this.#released;
    let until = limit;
    for (const piece of this.#cover.pieces) {
      if (piece.start >= limit && limit < this.#end) break;
      // Its name is decided once no span can come any more that overlaps it, or none that began early enough to name it.
      if (!piece.shown && limit < piece.end && limit <= piece.frozen) {
        until = Math.min(until, piece.start);
        break;
      }
      this.#copy(sink, piece.start, origin);
      if (piece.end > this.#released || !piece.shown)
        sink.mask(piece.end - this.#released, piece.rule, piece.shown ? "" : piece.text, piece.shown);
      piece.shown = true;
      this.#released = Math.max(this.#released, piece.end);
    }
    this.#copy(sink, until, origin);
    this.#cover.drop(limit);
    this.#kept = this.#released === this.#end ? "" : this.#kept.slice(this.#released - origin);
  }

  #copy(sink: ReleaseSink, until: number, origin: number): void {
    if (until <= this.#released) return;
    sink.copy(this.#kept.slice(this.#released - origin, until - origin));
    this.#released = until;
  }
}

/** Joins releases into a text. */
export class JoinedText implements ReleaseSink {
  text = "";

  copy(text: string): void {
    this.text += text;
  }

  mask(_units: number, _rule: number, text: string): void {
    this.text += text;
  }
}
