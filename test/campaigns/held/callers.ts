/** Callers of held requests: each goes on until its request has ended for good. */

import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ending } from "../../support/held/asks.ts";
import type { Replica } from "../../support/replicas.ts";
import type { Planned } from "./plan.ts";

/** Endings that say to try again: errors that ARCHITECTURE.md 1.5 calls so, a broken connection, and an approval that is still pending. */
const retryable: ReadonlySet<Ending> = new Set([
  "lost",
  "approval_pending",
  "approvals_unavailable",
  "recording_failed",
  "shutting_down",
  "quota_exceeded",
]);

const pauseMs = 500;
/** A caller who leaves does so within this time, milliseconds. */
const leavesWithinMs = 5_000;

/** Asks until it is over. Resolves with the ending, and with what came before. */
export const askToTheEnd = async (
  planned: Planned,
  { replica, key, giveUpAt }: { readonly replica: Replica; readonly key: string; readonly giveUpAt: number },
): Promise<{ readonly ending: Ending; readonly retries: readonly Ending[] }> => {
  const retries: Ending[] = [];
  for (;;) {
    const leave = new AbortController();
    const leaves = planned.manner === "leaves" && retries.length === 0;
    const timer = leaves ? setTimeout(() => leave.abort(), 1 + randomInt(leavesWithinMs)) : undefined;
    const headers = planned.manner === "returns" ? { prefer: "respond-async" } : {};
    const ending = await planned.ask(planned.mark, { url: replica.url, key, headers, signal: leave.signal });
    clearTimeout(timer);
    if (!retryable.has(ending) || Date.now() > giveUpAt) return { ending, retries };
    retries.push(ending);
    await sleep(pauseMs);
  }
};
