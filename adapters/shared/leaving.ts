/** Notices that a caller has left with its answer unfinished. */

import type { ServerResponse } from "node:http";

/**
 * Whether the caller is still there, and a way to hear of it. Nearly no call needs an AbortSignal, and making one costs as much as writing an answer's
 * head: it is made when first asked for.
 */
export class Leaving {
  #left = false;
  #listeners: (() => void)[] = [];
  #controller: AbortController | undefined;

  constructor(response: ServerResponse) {
    response.on("close", () => {
      if (!response.writableFinished) this.#leave();
    });
  }

  get left(): boolean {
    return this.#left;
  }

  /** The same for those who wait for a signal. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#left) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls once the caller has left; never when it has left already. Listeners are let go together with the call. */
  onLeave(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    for (const listener of this.#listeners) listener();
    this.#controller?.abort();
  }
}
