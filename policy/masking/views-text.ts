/** The text of a view as it is derived: what has not been scanned yet, and where each of its units comes from. */

import { OffsetMap } from "./views-map.ts";

export class ViewText {
  readonly map = new OffsetMap();
  #text = "";
  #end = 0;
  #changed = 0;

  /** Where, in the source, the last unit ends that does not stand for itself. */
  get changed(): number {
    return this.#changed;
  }

  /** The view's length so far, as an offset. */
  get end(): number {
    return this.#end;
  }

  /** Begins anew with view and source at the same offset. */
  reset(at: number): void {
    this.map.reset(at, at);
    this.#text = "";
    this.#end = at;
    this.#changed = at;
  }

  /** Units that stand for themselves, following what came before. */
  verbatim(text: string): void {
    this.#text += text;
    this.#end += text.length;
  }

  /** One unit that stands for a range of the source; `leftOut` for a range that nothing stands for. */
  unit(unit: number, start: number, end: number): void {
    this.#changed = end;
    if (unit < 0) {
      this.map.note(this.#end, end, 1);
      return;
    }
    this.map.note(this.#end, start, end - start);
    this.#text += String.fromCharCode(unit);
    this.#end += 1;
  }

  /** Takes what was derived since the last time. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}
