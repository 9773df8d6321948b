/** One replica's share of one limit in one window. */

import type { QuotaStore } from "./quota-store.ts";

export interface ShareOptions {
  readonly store: QuotaStore;
  readonly key: string;
  /** When the window began, milliseconds since the epoch. */
  readonly window: number;
  readonly limit: number;
  /** How much is taken at once where that much is left. */
  readonly piece: number;
}

/** Taken from the shared count in pieces; what is left of them can be used without asking. */
export class Share {
  readonly #options: ShareOptions;
  #left = 0;
  #asking: Promise<void> = Promise.resolve();
  #touched = true;

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  /** Takes an amount; false when the limit does not leave so much. Rejects when it has to ask and the database is away. */
  async take(amount: number): Promise<boolean> {
    this.#touched = true;
    if (this.#use(amount)) return true;
    const asked = this.#asking.then(() => this.#ask(amount));
    this.#asking = asked.catch(() => undefined);
    await asked;
    return this.#use(amount);
  }

  /** Gives back what a call did not use; a negative amount is what it used beyond what it had taken. */
  give(amount: number): void {
    this.#left += amount;
  }

  /** Returns what lies unused to the shared count, or pays what was overdrawn, unless the share was touched since it was last asked. */
  async settle(force = false): Promise<void> {
    const quiet = !this.#touched;
    this.#touched = false;
    if (this.#left === 0 || (!force && !quiet && this.#left > 0)) return;
    const amount = this.#left;
    this.#left = 0;
    const { store, key, window } = this.#options;
    try {
      await store.giveBack(key, window, amount);
    } catch (thrown) {
      this.#left += amount;
      throw thrown;
    }
  }

  #use(amount: number): boolean {
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  async #ask(amount: number): Promise<void> {
    if (this.#left >= amount) return;
    const { store, key, window, limit, piece } = this.#options;
    this.#left += await store.lease(key, window, Math.max(amount - this.#left, piece), limit);
  }
}
