/** The end of a text that was scanned: what views may have to be shown again, or to look back at. */

/** A text longer than this is cut once half of it is no more needed. */
const comfortableUnits = 512;

export class RecentText {
  #text = "";
  #end = 0;

  /** The end of the text so far, as an offset. */
  get end(): number {
    return this.#end;
  }

  /** As much as is remembered. */
  get text(): string {
    return this.#text;
  }

  /** The text from an offset on, or as much of its end as there is. */
  from(offset: number): string {
    const start = offset - (this.#end - this.#text.length);
    return start <= 0 ? this.#text : this.#text.slice(start);
  }

  /** The unit before an offset; undefined where it is not remembered. */
  before(offset: number): number | undefined {
    const at = offset - 1 - (this.#end - this.#text.length);
    return at < 0 || at >= this.#text.length ? undefined : this.#text.charCodeAt(at);
  }

  reset(at: number): void {
    this.#text = "";
    this.#end = at;
  }

  /** Adds what follows. What lies before `needed` may be forgotten. Mostly nothing but the last piece is needed: then nothing is copied. */
  add(piece: string, needed: number): void {
    const base = this.#end;
    this.#end = base + piece.length;
    if (needed >= base || this.#text === "") this.#text = piece;
    else {
      this.#text += piece;
      const units = Math.max(0, this.#end - needed);
      if (this.#text.length > comfortableUnits && this.#text.length > 2 * units) this.#text = this.#text.slice(-units);
    }
  }
}
