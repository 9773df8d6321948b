/** Waiting for the first word about an entry. */

import { GatewayError } from "../envelope/error.ts";
import type { ApprovalState } from "./approval.ts";

/** Where an entry has come to, as whoever waits for it learns it. */
export interface Standing {
  readonly state: ApprovalState;
  readonly reason: string | null;
}

/** The longest that a timer can be set for, milliseconds: beyond it Node's fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** How long somebody waits. */
export interface Patience {
  /** The entry's own end. */
  readonly expiresAt: Date;
  /** The caller's, milliseconds since the epoch; undefined: it gave none. */
  readonly deadline: number | undefined;
  /** Aborted when the caller leaves, or may not be here any more. */
  readonly signal: AbortSignal;
}

const until = (at: number): number => Math.min(longestTimerMs, Math.max(0, at - Date.now()));

/**
 * Resolves with the first that `listen` tells, or with the entry's end. Rejects with `cancelled` when the caller leaves, and with `upstream_timeout` once its
 * deadline has passed. `listen` returns how to stop listening.
 */
export const firstWord = (
  listen: (tell: (standing: Standing) => void) => () => void,
  { expiresAt, deadline = Number.POSITIVE_INFINITY, signal }: Patience,
): Promise<Standing> =>
  new Promise((resolve, reject) => {
    const end = Math.min(expiresAt.getTime(), deadline);
    const stop = (): void => {
      unlisten();
      clearTimeout(timer);
      signal.removeEventListener("abort", left);
    };
    const left = (): void => {
      stop();
      reject(new GatewayError("cancelled"));
    };
    const over = (): void => {
      stop();
      if (end === deadline) reject(new GatewayError("upstream_timeout"));
      else resolve({ state: "expired", reason: null });
    };
    const unlisten = listen((standing) => {
      stop();
      resolve(standing);
    });
    const timer = setTimeout(over, until(end));
    signal.addEventListener("abort", left, { once: true });
    if (signal.aborted) left();
  });
