/** Notices that a caller has left with its answer unfinished. */

/** What answers go out on: a response of either HTTP version, or a bare HTTP/2 stream. */
export interface Outlet {
  on(event: "close", listener: () => void): unknown;
  readonly writableFinished: boolean;
  /** Of a bare HTTP/2 stream: the caller reset it before the answer had ended. Node finishes such a stream all the same. */
  readonly aborted?: boolean;
  /** Of a response over HTTP/2. */
  readonly stream?: { readonly aborted: boolean };
}

const wentOut = ({ writableFinished, aborted, stream }: Outlet): boolean =>
  writableFinished && aborted !== true && stream?.aborted !== true;

/**
 * Whether the caller is still there, and a way to hear of it. Nearly no call needs an AbortSignal, and making one costs as much as writing an answer's
 * head: it is made when first asked for.
 */
export class Leaving {
  #left = false;
  #listeners: (() => void)[] = [];
  #controller: AbortController | undefined;

  constructor(response: Outlet) {
    response.on("close", () => {
      if (!wentOut(response)) this.#leave();
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
