/** Principals of credentials verified a moment ago, by the credential's hash. */

/** Milliseconds that a verification is believed for (ARCHITECTURE.md 2.8). */
const believedMs = 60_000;
/** Entries kept; one has some 300 bytes. */
const mostEntries = 20_000;

interface Entry<P> {
  readonly principal: Promise<P>;
  readonly until: number;
}

/** Least recently used goes first. A hit allocates nothing: the promise handed out is the one that was kept. */
export class PrincipalCache<P> {
  readonly #entries = new Map<string, Entry<P>>();
  readonly #limit: number;

  constructor(limit = mostEntries) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(hash: string, now: number): Promise<P> | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    if (entry.until <= now) return undefined;
    this.#entries.set(hash, entry);
    return entry.principal;
  }

  /** Keeps a principal until the credential's own end, but no longer than it is believed. Times in milliseconds since the epoch. */
  set(hash: string, principal: P, times: { readonly now: number; readonly until: number }): void {
    this.#entries.set(hash, { principal: Promise.resolve(principal), until: Math.min(times.until, times.now + believedMs) });
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
