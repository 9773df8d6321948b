/** Tells of changes in the database as they happen: by LISTEN, and by looking regularly for whatever LISTEN missed. One for a process. */

import pg from "pg";
import type { DatabaseAddress } from "./address.ts";
import { type ChangeChannel, Followed } from "./followed.ts";
import type { StoreLog } from "./log.ts";

/** Looked at this often even when nothing is announced, milliseconds: well within the second that a revocation may take. */
const pollMs = 400;
/** A connection that answers no look within this time counts as lost, milliseconds: with `pollMs` still within the second. */
const answerMs = 500;
/** Time to connect, and between attempts, milliseconds. */
const connectTimeoutMs = 5_000;
const retryMs = 500;

/** Named, so that PostgreSQL parses it once a connection. */
const revisionsQuery = { name: "weir changes", text: "SELECT channel, revision::text FROM weir.changes" };

export interface FeedOptions {
  readonly address: DatabaseAddress;
  readonly log: StoreLog;
}

/** How one feature follows its channel. */
export interface Subscription {
  /** Looks now; resolves once everything that was committed before the call has been seen, or the database turned out to be away. */
  look(): Promise<void>;
  /** Resolves once the last look has ended. */
  close(): Promise<void>;
}

type Revisions = ReadonlyMap<string, string>;

/** States: listening ⇄ apart (the connection is lost, and tried again; each channel is looked at by itself) → stopped. */
export class ChangeFeed {
  readonly #options: FeedOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #followed = new Set<Followed>();
  /** Connected and listening. */
  #client: pg.Client | undefined;
  #ticking: Promise<void> | undefined;
  #away = false;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#tick(), pollMs).unref();
    void this.#listen();
  }

  /** Calls `catchUp` whenever a channel may have changed, never twice at once. It reads what is new, and rejects when the database is away. */
  subscribe(channel: ChangeChannel, catchUp: () => Promise<void>): Subscription {
    const followed = new Followed({ channel, catchUp, failed: (thrown) => this.#failed(thrown) });
    this.#followed.add(followed);
    return {
      look: async () => {
        if (this.#followed.has(followed)) await followed.look();
      },
      close: async () => {
        this.#followed.delete(followed);
        await followed.idle();
      },
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#ticking;
    await Promise.all([...this.#followed].map((each) => each.idle()));
    await this.#client?.end().catch(() => undefined);
  }

  #tick(): Promise<void> {
    this.#ticking ??= this.#look().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #look(): Promise<void> {
    const revisions = await this.#revisions();
    if (this.#stopped) return;
    const seen = await Promise.all([...this.#followed].map((each) => lookAt(each, revisions)));
    if (!this.#away || seen.includes(false)) return;
    this.#away = false;
    this.#options.log.info({}, "Changes in the database are seen again.");
  }

  /** Every counter, by one read; undefined while apart. */
  async #revisions(): Promise<Revisions | undefined> {
    const client = this.#client;
    if (client === undefined) return undefined;
    try {
      const { rows } = await client.query<{ channel: string; revision: string }>(revisionsQuery);
      return new Map(rows.map(({ channel, revision }) => [channel, revision]));
    } catch (thrown) {
      this.#failed(thrown);
      this.#lost(client);
      return undefined;
    }
  }

  #failed(thrown: unknown): void {
    if (!this.#away) this.#options.log.warn({ err: thrown }, "The database is away: what was known last goes on to hold.");
    this.#away = true;
  }

  async #listen(): Promise<void> {
    if (this.#stopped) return;
    const client = new pg.Client({
      ...this.#options.address,
      application_name: "weir changes",
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: answerMs,
      keepAlive: true,
    });
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    client.on("notification", ({ payload }) => this.#told(payload));
    try {
      await client.connect();
      await client.query("SET ROLE weir_access; LISTEN weir_changes");
    } catch {
      await client.end().catch(() => undefined);
      this.#retry();
      return;
    }
    if (this.#stopped) return client.end();
    this.#client = client;
    await this.#tick();
  }

  #told(channel: string | undefined): void {
    for (const each of this.#followed) if (each.channel === channel) void each.look();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    this.#retry();
  }

  #retry(): void {
    if (!this.#stopped) setTimeout(() => void this.#listen(), retryMs).unref();
  }
}

const lookAt = (followed: Followed, revisions: Revisions | undefined): Promise<boolean> =>
  revisions === undefined ? followed.look() : followed.reach(revisions.get(followed.channel) ?? "0");
