/** Requests held in this process: how many may be, and how much of them. */

import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";

export interface HoldingLimits {
  /** Requests of one identity that wait at once. */
  readonly perIdentity: number;
  /** Bytes of all requests that wait. */
  readonly bytes: number;
}

/** A person can look through a dozen requests; more of one caller is a loop. */
export const defaultHoldingLimits: HoldingLimits = { perIdentity: 20, bytes: 256 * 1024 * 1024 };

const sizeOf = (exact: readonly (string | Uint8Array)[]): number => exact.reduce((sum, part) => sum + part.length, 0);

/** What a caller is told who has too many. */
export const tooMany = (): GatewayError =>
  new GatewayError("quota_exceeded", "Too many requests wait for an approval already.", { retryAfter: 30 });

/** Counts what is held. */
export class Holding {
  readonly #limits: HoldingLimits;
  readonly #counts = new Map<string, number>();
  #bytes = 0;

  constructor(limits: HoldingLimits) {
    this.#limits = limits;
  }

  /** Takes one more; returns how to let it go. Throws `quota_exceeded`. */
  take({ issuer, subject }: Principal, exact: readonly (string | Uint8Array)[]): () => void {
    const who = JSON.stringify([issuer, subject]);
    const count = this.#counts.get(who) ?? 0;
    const bytes = sizeOf(exact);
    if (count >= this.#limits.perIdentity || this.#bytes + bytes > this.#limits.bytes) throw tooMany();
    this.#counts.set(who, count + 1);
    this.#bytes += bytes;
    return () => {
      const left = (this.#counts.get(who) ?? 1) - 1;
      if (left === 0) this.#counts.delete(who);
      else this.#counts.set(who, left);
      this.#bytes -= bytes;
    };
  }
}
