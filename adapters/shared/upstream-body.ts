/** An upstream's body as batches: what one read of its socket brought. */

/** Unread bytes at which the upstream is told to wait: a few TCP windows of a stream, so that a slow reader costs no memory. */
const highWaterBytes = 256 * 1024;

/** Where a body comes from. */
export interface BodySource {
  /** There is room for more. */
  resume(): void;
  /** Ends the upstream's connection. */
  abort(reason: Error): void;
}

type State = { readonly kind: "open" } | { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: Error };

const open: State = { kind: "open" };
const ended: State = { kind: "ended" };

const done = { done: true, value: undefined } as const;

/**
 * States: open → ended | failed. Chunks that arrived before a failure are still read before it is thrown. One reader, one read at a time.
 * Leaving the iteration early (`return`) cancels the upstream.
 */
export class UpstreamBody implements AsyncIterableIterator<readonly Buffer[]> {
  readonly #source: BodySource;
  #state: State = open;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #paused = false;
  #wake: (() => void) | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Everything there is of a body that has come to its end; undefined while more may come, or where it broke. */
  arrived(): readonly Buffer[] | undefined {
    return this.#state.kind === "ended" ? this.#take() : undefined;
  }

  /** What has arrived and nobody has read; more may come. */
  unread(): readonly Buffer[] {
    return this.#take();
  }

  /** Whether more may come: then failing it means something, and only then is an error worth making. */
  get open(): boolean {
    return this.#state.kind === "open";
  }

  /** Whether the body has come to its end and nothing of it is unread. */
  get over(): boolean {
    return this.#chunks.length === 0 && this.#state.kind === "ended";
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly Buffer[], undefined>> {
    if (this.#chunks.length === 0 && this.#state.kind === "open") {
      // Chunks of one read arrive in one turn: all of them are there when the promise's reaction runs.
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length > 0) return { done: false, value: this.#take() };
    if (this.#state.kind === "failed") throw this.#state.error;
    return done;
  }

  async return(): Promise<IteratorResult<readonly Buffer[], undefined>> {
    this.cancel("the answer is no longer wanted");
    return done;
  }

  /** Ends the upstream's connection unless the body has come to its end: then, as nearly always, no error is made. */
  cancel(reason: Error | string): void {
    if (this.#state.kind !== "open") return;
    const error = typeof reason === "string" ? new Error(reason) : reason;
    this.#source.abort(error);
    this.fail(error);
  }

  /** Waits for the end of a body whose message is over, for at most `ms`, so that its connection can be used again; whatever still comes ends it. */
  async settle(ms: number): Promise<void> {
    if (this.#chunks.length > 0 || this.#state.kind !== "open") return this.cancel("bytes after the end");
    const timer = setTimeout(() => this.cancel("the body did not end"), ms);
    await this.next().then(
      ({ done: over }) => {
        if (over !== true) this.cancel("bytes after the end");
      },
      () => {},
    );
    clearTimeout(timer);
  }

  /** Takes what arrived; false when no more should be sent until the source is told to resume. */
  push(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > highWaterBytes) this.#paused = true;
    this.#rouse();
    return !this.#paused;
  }

  end(): void {
    if (this.#state.kind === "open") this.#state = ended;
    this.#rouse();
  }

  fail(error: Error): void {
    if (this.#state.kind === "open") this.#state = { kind: "failed", error };
    this.#rouse();
  }

  #take(): readonly Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#source.resume();
    }
    return chunks;
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
