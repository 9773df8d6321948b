/** Keeps a caller's connection alive while the call waits for a person (ARCHITECTURE.md 1.5). */

import { type HttpResponse, isGone } from "./http-server.ts";

/** A quick decision is a plain status: nothing is sent before, milliseconds. It is also the time between two signs of life. */
const quietMs = 15_000;

/** A comment, which readers of event streams skip (WHATWG HTML, "Interpreting an event stream"). */
const waiting = ": waiting\n\n";

/**
 * Whether and how a held answer shows signs of life. States: quiet → waiting (the answer has begun as an event stream, with comments in it) → over.
 * An answer that is no event stream stays quiet until it is there.
 */
export class HeldAnswer {
  readonly #response: HttpResponse;
  readonly #session: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(response: HttpResponse, session: string) {
    this.#response = response;
    this.#session = session;
  }

  /** The call begins to wait; `streams`: its caller asked for an event stream. */
  begin(streams: boolean, quiet = quietMs): void {
    if (streams) this.#timer = setInterval(() => this.#sign(), quiet);
  }

  /** The call waits no longer. */
  end(): void {
    clearInterval(this.#timer);
  }

  #sign(): void {
    if (isGone(this.#response)) {
      this.end();
      return;
    }
    if (!this.#response.headersSent) {
      const headers = { "x-request-id": this.#session, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };
      this.#response.writeHead(200, headers);
    }
    this.#response.write(waiting);
  }
}
