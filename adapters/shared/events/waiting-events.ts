/** Events that wait until a later one has told what they need to be read by. */

import { GatewayError } from "../../../src/envelope/error.ts";
import type { Bearing } from "./grammar.ts";

/** UTF-16 code units of events that wait: they come in the same moment as what they wait for, or the stream is none that we know. */
const mostWaiting = 32 * 1024 * 1024;

/** States: idle (every event may be read) ⇄ waiting (those that came since one asked are kept); `release` ends the wait. */
export class WaitingEvents {
  readonly #bearing: (event: string) => Bearing;
  #waiting: string[] = [];
  #ready: string[] = [];
  #units = 0;

  constructor(bearing: (event: string) => Bearing) {
    this.#bearing = bearing;
  }

  /** Takes the next event of the stream. Throws `upstream_invalid` when too much waits. */
  take(event: string): void {
    const bearing = this.#bearing(event);
    if (bearing === "answers" || bearing === "answers-and-asks") this.release();
    if (this.#waiting.length === 0 && (bearing === "none" || bearing === "answers")) {
      this.#ready.push(event);
      return;
    }
    this.#waiting.push(event);
    this.#units += event.length;
    if (this.#units > mostWaiting) throw new GatewayError("upstream_invalid", undefined, { note: "too many events wait" });
  }

  /** Nothing is waited for any more: those that waited may be read. */
  release(): void {
    this.#ready.push(...this.#waiting);
    this.#waiting = [];
    this.#units = 0;
  }

  /** Whether there is nothing here: neither events that wait, nor such as may be read. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#ready.length === 0;
  }

  /** The next event that may be read; undefined when there is none. */
  next(): string | undefined {
    return this.#ready.shift();
  }
}
