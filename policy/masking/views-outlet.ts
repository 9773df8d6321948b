/** What a lane still holds, and how it is let out: the text, the pieces that cover it, and the release of both. */

import type { FoundRule, ReleaseSink } from "./plain-masker.ts";
import { isHighSurrogate, isLowSurrogate } from "./surrogates.ts";
import { Cover } from "./views-cover.ts";

export class Outlet {
  readonly cover = new Cover();
  /** The text from `#released` on. */
  #kept = "";
  #released = 0;
  #end = 0;

  /** The end of the text so far, as a source offset. */
  get end(): number {
    return this.#end;
  }

  /** The source offset up to which everything has been released or swallowed. */
  get released(): number {
    return this.#released;
  }

  get held(): number {
    return this.#end - this.#released;
  }

  /** Takes over a lane that was let out otherwise up to a source offset: `text` is what it holds from there on. */
  attach(released: number, text: string): void {
    this.#released = released;
    this.#kept = text;
    this.#end = released + text.length;
  }

  append(chunk: string): void {
    this.#kept = this.#kept === "" ? chunk : this.#kept + chunk;
    this.#end += chunk.length;
  }

  /** A stretch of the text that has not been released. */
  text(start: number, end: number): string {
    return this.#kept.slice(start - this.#released, end - this.#released);
  }

  /** A source offset, or the one before it where it would part a surrogate pair. */
  wholePoint(limit: number): number {
    const at = limit - this.#released;
    if (at <= 0 || !isHighSurrogate(this.#kept.charCodeAt(at - 1))) return limit;
    return limit === this.#end || isLowSurrogate(this.#kept.charCodeAt(at)) ? limit - 1 : limit;
  }

  /** Releases what lies before `limit`, from where on spans may still be added; and pieces beyond it whose replacement is certain. */
  release(sink: ReleaseSink, limit: number): void {
    const { pieces } = this.cover;
    const origin = this.#released;
    let until = limit;
    for (const piece of pieces) {
      // Certain once no span can come any more that overlaps it, or none that begins early enough to name it.
      if (!piece.shown && limit < piece.end && limit <= piece.frozen) {
        until = Math.min(until, piece.start);
        break;
      }
      this.#copy(sink, piece.start, origin);
      const units = Math.max(0, piece.end - this.#released);
      if (units > 0 || !piece.shown) sink.mask(units, piece.rule, piece.shown ? "" : piece.text, piece.shown);
      piece.shown = true;
      this.#released += units;
    }
    this.#copy(sink, until, origin);
    if (pieces.length > 0) this.cover.drop(limit);
    if (this.#released === this.#end) this.#kept = "";
    else if (this.#released > origin) this.#kept = this.#kept.slice(this.#released - origin);
  }

  #copy(sink: ReleaseSink, until: number, origin: number): void {
    if (until <= this.#released) return;
    sink.copy(
      until - origin === this.#kept.length && this.#released === origin
        ? this.#kept
        : this.#kept.slice(this.#released - origin, until - origin),
    );
    this.#released = until;
  }
}

/** Joins releases into a text, and tells which rules replaced something. */
export class JoinedText implements ReleaseSink {
  text = "";
  readonly #found: FoundRule | undefined;
  #ended = false;

  constructor(found: FoundRule | undefined) {
    this.#found = found;
  }

  copy(text: string): void {
    if (!this.#ended) this.text += text;
  }

  mask(_units: number, rule: number, text: string, continues: boolean): void {
    if (this.#ended) return;
    if (!continues && this.#found?.(rule) === false) this.#ended = true;
    else this.text += text;
  }
}
