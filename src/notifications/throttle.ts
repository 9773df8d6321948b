/** Keeps a caller who does the same thing again and again from filling everybody's channel with it. */

/** Keys remembered: beyond it the oldest is forgotten, and may be told of once more. */
const mostKeys = 10_000;

interface Told {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** How often it has happened since. */
  missed: number;
}

export class Throttle {
  readonly #told = new Map<string, Told>();

  /** How often it has happened since it was last told of, this time included; undefined: that was less than `everyMs` ago. Times in milliseconds. */
  take(key: string, { everyMs, now }: { readonly everyMs: number; readonly now: number }): number | undefined {
    const known = this.#told.get(key);
    if (known !== undefined && now < known.until) {
      known.missed += 1;
      return undefined;
    }
    this.#told.delete(key);
    this.#told.set(key, { until: now + everyMs, missed: 0 });
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= mostKeys) break;
      this.#told.delete(oldest);
    }
    return (known?.missed ?? 0) + 1;
  }
}
