/** Limits of use: requests a minute and tokens a day, counted over all replicas without a write for each request. */

import type { QuotaClaim, QuotaRule, Quotas, Reservation } from "../enforcement/ports.ts";
import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Pool, StoreLog } from "../store/index.ts";
import { QuotaStore } from "./quota-store.ts";
import { Share } from "./share.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const msPerSecond = 1_000;

/** What lies unused goes back to the other replicas within this time, milliseconds. */
const settleMs = 1_000;
/** A replica takes a limit in so many pieces: fewer writes against less that lies unused elsewhere. */
const requestPieces = 20;
const tokenPieces = 50;
/** Shares kept in memory; beyond it the oldest window's go first. */
const mostShares = 50_000;

interface Window {
  readonly unit: "requests" | "tokens";
  readonly start: number;
  readonly length: number;
}

const windowOf = (unit: Window["unit"], at: number): Window => {
  const length = unit === "requests" ? minuteMs : dayMs;
  return { unit, start: at - (at % length), length };
};

/** Whom or what a rule counts: every group of the rule that the caller is in has its own count. */
const subjectsOf = ({ per, groups }: QuotaRule, { issuer, subject, groups: held }: Principal, connection: string): readonly string[] => {
  switch (per) {
    case "identity":
      return [JSON.stringify([issuer, subject])];
    case "connection":
      return [connection];
    case "group":
      return held.filter((group) => groups === undefined || groups.includes(group));
  }
};

interface Taken {
  readonly share: Share;
  readonly unit: Window["unit"];
  readonly amount: number;
}

const exceeded = ({ unit, start, length }: Window, now: number): GatewayError =>
  new GatewayError("quota_exceeded", `The limit of ${unit} a ${unit === "requests" ? "minute" : "day"} has been reached.`, {
    retryAfter: (start + length - now) / msPerSecond,
  });

/** A call's part of every limit that is about it. */
class CallReservation implements Reservation {
  readonly #taken: readonly Taken[];
  #settled = false;

  constructor(taken: readonly Taken[]) {
    this.#taken = taken;
  }

  settle(tokens: number): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const { share, unit, amount } of this.#taken) if (unit === "tokens") share.give(amount - tokens);
  }
}

export class SharedQuotas implements Quotas {
  readonly #store: QuotaStore;
  readonly #log: StoreLog;
  readonly #shares = new Map<string, { readonly share: Share; readonly ends: number }>();
  readonly #timer: NodeJS.Timeout;
  #settling: Promise<void> | undefined;

  /** `pool` is of the role `weir_access`. */
  constructor(pool: Pool, log: StoreLog) {
    this.#store = new QuotaStore(pool);
    this.#log = log;
    this.#timer = setInterval(() => void this.settle(false), settleMs).unref();
  }

  async reserve({ rules, principal, connection, tokens }: QuotaClaim): Promise<Reservation> {
    const now = Date.now();
    const taken: Taken[] = [];
    try {
      for (const rule of rules)
        for (const subject of subjectsOf(rule, principal, connection)) {
          if (rule.requestsPerMinute !== undefined) await this.#take(rule, windowOf("requests", now), { subject, amount: 1, taken });
          if (rule.tokensPerDay !== undefined) await this.#take(rule, windowOf("tokens", now), { subject, amount: tokens(), taken });
        }
    } catch (thrown) {
      for (const { share, amount } of taken) share.give(amount);
      throw thrown;
    }
    return new CallReservation(taken);
  }

  /** Returns what lies unused; `force`: all of it, because this replica ends. */
  settle(force: boolean): Promise<void> {
    this.#settling ??= this.#settle(force).finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#settling;
    await this.#settle(true);
  }

  async #take(
    rule: QuotaRule,
    window: Window,
    { subject, amount, taken }: { readonly subject: string; readonly amount: number; readonly taken: Taken[] },
  ): Promise<void> {
    const share = this.#shareOf(rule, window, subject);
    const granted = await share.take(amount).catch((cause: unknown) => {
      throw new GatewayError("quota_exceeded", "Limits of use cannot be checked at this moment.", { retryAfter: 5, cause });
    });
    if (!granted) throw exceeded(window, Date.now());
    taken.push({ share, unit: window.unit, amount });
  }

  #shareOf(rule: QuotaRule, { unit, start, length }: Window, subject: string): Share {
    const limit = (unit === "requests" ? rule.requestsPerMinute : rule.tokensPerDay) ?? 0;
    const key = JSON.stringify([rule.policy, unit, rule.per, subject]);
    const id = `${start} ${limit} ${key}`;
    const known = this.#shares.get(id);
    if (known !== undefined) return known.share;
    const piece = Math.max(1, Math.ceil(limit / (unit === "requests" ? requestPieces : tokenPieces)));
    const share = new Share({ store: this.#store, key, window: start, limit, piece });
    if (this.#shares.size >= mostShares) this.#dropOldest();
    this.#shares.set(id, { share, ends: start + length });
    return share;
  }

  #dropOldest(): void {
    for (const id of this.#shares.keys()) {
      this.#shares.delete(id);
      return;
    }
  }

  async #settle(force: boolean): Promise<void> {
    const now = Date.now();
    try {
      for (const [id, { share, ends }] of this.#shares) {
        await share.settle(force || ends <= now);
        if (ends + settleMs <= now) this.#shares.delete(id);
      }
    } catch (thrown) {
      this.#log.warn({ err: thrown }, "What was not used of limits could not be returned.");
    }
  }
}
