/** Tells of changes in the database as they happen: by LISTEN, and by looking regularly for whatever LISTEN missed. */

import pg from "pg";
import type { DatabaseAddress } from "./address.ts";
import type { StoreLog } from "./log.ts";

/** Looked at this often even when nothing is announced, milliseconds: well within the second that a revocation may take. */
const pollMs = 400;
/** Time to connect, and between attempts, milliseconds. */
const connectTimeoutMs = 5_000;
const retryMs = 500;

export interface FeedOptions {
  readonly address: DatabaseAddress;
  /** The channel's name: a plain identifier of ours. */
  readonly channel: string;
  readonly log: StoreLog;
  /** Brings what is known up to date; rejects when the database is away. Never called twice at once. */
  readonly catchUp: () => Promise<void>;
}

/** States: listening ⇄ apart (the connection is lost, and tried again) → stopped. */
export class ChangeFeed {
  readonly #options: FeedOptions;
  readonly #timer: NodeJS.Timeout;
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  /** Announced while a run was under way: it may have looked too early. */
  #again = false;
  #away = false;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), pollMs).unref();
    void this.#listen();
  }

  /** Looks now; resolves once everything that was committed before the call has been seen, or the database turned out to be away. */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
    await this.#client?.end().catch(() => undefined);
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#options.catchUp();
        if (this.#away) this.#options.log.info({}, "Changes in the database are seen again.");
        this.#away = false;
      } catch (thrown) {
        if (!this.#away) this.#options.log.warn({ err: thrown }, "The database is away: what was known last goes on to hold.");
        this.#away = true;
      }
    } while (this.#again && !this.#stopped);
  }

  async #listen(): Promise<void> {
    if (this.#stopped) return;
    const client = new pg.Client({
      ...this.#options.address,
      application_name: "weir changes",
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#retry();
    };
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", () => void this.look());
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(this.#options.channel)}`);
      await this.look();
    } catch {
      await client.end().catch(() => undefined);
      lost();
    }
  }

  #retry(): void {
    if (!this.#stopped) setTimeout(() => void this.#listen(), retryMs).unref();
  }
}
