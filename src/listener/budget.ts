/** A budget that fills up again with time: so much at once, then so much a second. */

const msPerSecond = 1_000;

export class Budget {
  readonly #most: number;
  readonly #perMs: number;
  #left: number;
  #at: number;

  /** `now` is in milliseconds of any clock that only goes forward. */
  constructor(most: number, perSecond: number, now: number) {
    this.#most = most;
    this.#perMs = perSecond / msPerSecond;
    this.#left = most;
    this.#at = now;
  }

  /** Spends one; false when there is none left to spend. */
  spend(now: number): boolean {
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
