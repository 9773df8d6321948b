/** Where the code units of a derived text stand in the text that it was derived from. */

/** Entries below the hold are dropped once there are so many: a map's memory follows what is undecided, not the text's length. */
const pruneAt = 256;

/**
 * A map from view offsets to source offsets. Most units stand for themselves and cost nothing; an entry is kept for each that does not,
 * and for each that follows one left out. Offsets are UTF-16 code units.
 */
export class OffsetMap {
  readonly #views: number[] = [0];
  readonly #sources: number[] = [0];
  readonly #widths: number[] = [1];

  /** Begins anew: the next unit has view offset `view` and stands at `source`. */
  reset(view: number, source: number): void {
    if (this.#views.length > 1) {
      this.#views.length = 1;
      this.#sources.length = 1;
      this.#widths.length = 1;
    }
    this.#views[0] = view;
    this.#sources[0] = source;
    this.#widths[0] = 1;
  }

  /** From view offset `view` on, units are as wide as one source unit from `source` on; but the first of them stands for `width` of them. */
  note(view: number, source: number, width: number): void {
    const last = this.#views.length - 1;
    if (this.#views[last] === view) {
      this.#sources[last] = source;
      this.#widths[last] = width;
      return;
    }
    this.#views.push(view);
    this.#sources.push(source);
    this.#widths.push(width);
  }

  /** Where the unit at this view offset begins. */
  start(view: number): number {
    const at = this.#entry(view);
    return this.#shifted(at, view);
  }

  /** Where the unit before this view offset ends: the end of a span that ends here. */
  end(view: number): number {
    const unit = view - 1;
    const at = this.#entry(unit);
    const exact = this.#views[at] === unit;
    return this.#shifted(at, unit) + (exact ? (this.#widths[at] ?? 1) : 1);
  }

  /** Whether there is so much to forget that it is worth its while. */
  get crowded(): boolean {
    return this.#views.length >= pruneAt;
  }

  /** Forgets what lies before a view offset. */
  prune(view: number): void {
    const at = this.#entry(view);
    this.#views.splice(0, at);
    this.#sources.splice(0, at);
    this.#widths.splice(0, at);
  }

  #shifted(at: number, view: number): number {
    const from = this.#views[at] ?? 0;
    const source = this.#sources[at] ?? 0;
    return view === from ? source : source + (this.#widths[at] ?? 1) + view - from - 1;
  }

  /** The last entry at or before a view offset. */
  #entry(view: number): number {
    let low = 0;
    let high = this.#views.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#views[middle] ?? 0) <= view) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
