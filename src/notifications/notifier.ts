/** Tells people and programs what happens: written to the outbox at once, delivered until it arrives. */

import { newId, type Pool, type StoreLog } from "../store/index.ts";
import { type Message, Outbox } from "./outbox.ts";
import { Poster } from "./poster.ts";
import type { NotificationEvent, TargetNetwork, TargetSettings } from "./settings.ts";
import { signedHeaders } from "./signature.ts";
import { slackBody } from "./slack.ts";
import { Throttle } from "./throttle.ts";

export interface NotifierOptions {
  /** Of the role `weir_access`. */
  readonly pool: Pool;
  readonly network: TargetNetwork;
  readonly log: StoreLog;
  readonly targets: readonly TargetSettings[];
  /** How often due messages are looked for, milliseconds. */
  readonly lookMs?: number;
}

const usualLookMs = 1_000;
const takenAtOnce = 20;
/** Seconds until each further try; after the last one a message is given up: some ten hours in all. */
const backOff = [5, 30, 120, 600, 3_600, 10_800, 21_600];
/** Events that wait to be written while the database is away; the oldest go first. */
const mostWaiting = 1_000;

export class Notifier {
  readonly #outbox: Outbox;
  readonly #poster: Poster;
  readonly #log: StoreLog;
  readonly #throttle = new Throttle();
  readonly #timer: NodeJS.Timeout;
  #targets: ReadonlyMap<string, TargetSettings>;
  #waiting: NotificationEvent[] = [];
  #working: Promise<void> | undefined;

  constructor({ pool, network, log, targets, lookMs = usualLookMs }: NotifierOptions) {
    this.#outbox = new Outbox(pool);
    this.#poster = new Poster(network);
    this.#log = log;
    this.#targets = new Map(targets.map((target) => [target.name, target]));
    this.#timer = setInterval(() => void this.work(), lookMs).unref();
  }

  /** Takes new targets; messages for those that are gone are given up. */
  update(targets: readonly TargetSettings[]): void {
    this.#targets = new Map(targets.map((target) => [target.name, target]));
  }

  /** Something happened. Never throws, never waits: what cannot be written now is written later. */
  tell(event: NotificationEvent): void {
    if (this.#targetsOf(event).length === 0) return;
    const told = this.#throttled(event);
    if (told === undefined) return;
    if (this.#waiting.length === mostWaiting) this.#waiting.shift();
    this.#waiting.push(told);
    void this.work();
  }

  /** Writes what waits and delivers what is due. */
  work(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
    await this.#write().catch(() => undefined);
    await this.#poster.close();
  }

  #throttled(event: NotificationEvent): NotificationEvent | undefined {
    const { rarely, type, data } = event;
    if (rarely === undefined) return event;
    const { keys, everyMs } = rarely;
    const now = Date.now();
    const counts = keys.map((key) => this.#throttle.take(`${type} ${key}`, { everyMs, now })).filter((count) => count !== undefined);
    return counts.length === 0 ? undefined : { ...event, data: { ...data, count: Math.max(...counts) } };
  }

  #targetsOf({ type }: NotificationEvent): string[] {
    return [...this.#targets.values()].filter(({ events }) => events.includes(type)).map(({ name }) => name);
  }

  async #work(): Promise<void> {
    if (this.#targets.size === 0) return;
    try {
      await this.#write();
      for (let due = await this.#outbox.take(takenAtOnce); due.length > 0; due = await this.#outbox.take(takenAtOnce))
        await Promise.all(due.map((message) => this.#deliver(message)));
    } catch (thrown) {
      this.#log.warn({ err: thrown }, "Notifications could not be taken from the database.");
    }
  }

  async #write(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      try {
        await this.#outbox.put(newId("msg"), this.#targetsOf(event), event);
      } catch (thrown) {
        this.#waiting.unshift(event);
        throw thrown;
      }
    }
  }

  async #deliver(message: Message): Promise<void> {
    const target = this.#targets.get(message.target);
    if (target === undefined) return this.#outbox.done(message);
    try {
      await this.#post(target, message);
      await this.#outbox.done(message);
    } catch (thrown) {
      await this.#again(message, thrown);
    }
  }

  async #post({ kind, url, secret }: TargetSettings, message: Message): Promise<void> {
    if (kind === "slack") return this.#poster.post(url.reveal(), slackBody(message.payload), {});
    const { type, timestamp, data, sentence, link } = message.payload;
    const body = JSON.stringify({ type, timestamp, data: { sentence, link, ...data } });
    return this.#poster.post(url.reveal(), body, { ...signedHeaders(secret?.reveal() ?? "", message.id, body, Date.now()) });
  }

  async #again(message: Message, thrown: unknown): Promise<void> {
    const seconds = backOff[message.tries - 1];
    const about = { target: message.target, count: message.tries, err: thrown };
    if (seconds === undefined) {
      this.#log.error(about, "A notification is given up.");
      return this.#outbox.done(message);
    }
    this.#log.warn(about, "A notification did not arrive, and is tried again.");
    return this.#outbox.later(message, seconds);
  }
}
