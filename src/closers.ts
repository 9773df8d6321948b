/** What was started, to be ended in the opposite order: also when starting the next thing fails. */

type Close = () => Promise<void> | void;

/** Collects how to end each part as it is started. `close` ends them once, the latest first, and throws the first failure only after all have been tried. */
export class Closers {
  readonly #closes: Close[] = [];

  add(close: Close): void {
    this.#closes.push(close);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closes.pop(); close !== undefined; close = this.#closes.pop()) {
      try {
        await close();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Runs a start that registers its closers; when it throws, what it had started is ended before the error goes on. */
export const startOrClose = async <T>(start: (closers: Closers) => Promise<T>): Promise<T> => {
  const closers = new Closers();
  try {
    return await start(closers);
  } catch (thrown) {
    await closers.close().catch(() => undefined);
    throw thrown;
  }
};
