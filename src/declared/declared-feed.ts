/** Follows what is declared in the database: every replica comes to have the same. */

import type { ChangeFeed, StoreLog, Subscription } from "../store/index.ts";
import type { DeclaredStore, Snapshot } from "./declared-store.ts";
import type { OpenObject } from "./plan.ts";
import { DeclarationRefused } from "./refusal.ts";

export interface DeclaredFeedOptions {
  readonly store: DeclaredStore;
  readonly feed: ChangeFeed;
  readonly log: StoreLog;
  /** What is in force already. */
  readonly seen: Snapshot;
  /** Brings objects into force, whole or not at all: what it rejects with is logged, and what was in force goes on. */
  readonly take: (objects: readonly OpenObject[]) => Promise<void>;
  /** Milliseconds until what could not be brought into force is tried again. */
  readonly retryMs?: number;
}

/** Often enough for an upstream that should have told its descriptors and is back, milliseconds. */
const usualRetryMs = 10_000;

/** States: agreeing (what was read last is in force) ⇄ apart (it could not be; tried again every now and then). */
export class DeclaredFeed {
  readonly #options: DeclaredFeedOptions;
  readonly #changes: Subscription;
  #seen: string;
  /** Runs while apart. */
  #retry: NodeJS.Timeout | undefined;
  #told = "";

  constructor(options: DeclaredFeedOptions) {
    this.#options = options;
    this.#seen = options.seen.revision;
    this.#changes = options.feed.subscribe("declared", () => this.#catchUp());
  }

  /** Looks now; resolves once everything that was committed before has been brought into force, or could not be. */
  look(): Promise<void> {
    return this.#changes.look();
  }

  async stop(): Promise<void> {
    await this.#changes.close();
    clearTimeout(this.#retry);
  }

  async #catchUp(): Promise<void> {
    const { store, take, log } = this.#options;
    const apart = this.#retry !== undefined;
    if (!apart && (await store.revision()) === this.#seen) return;
    const { revision, objects } = await store.read();
    clearTimeout(this.#retry);
    try {
      await take(store.open(objects));
      if (apart) log.info({}, "What the database declares is in force again.");
      this.#retry = undefined;
      this.#told = "";
    } catch (thrown) {
      this.#tell(thrown);
      this.#retry = setTimeout(() => void this.look(), this.#options.retryMs ?? usualRetryMs).unref();
    }
    this.#seen = revision;
  }

  /** Once for as long as the reason stays the same. Only our own words are logged. */
  #tell(thrown: unknown): void {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (message === this.#told) return;
    this.#told = message;
    const fields = thrown instanceof DeclarationRefused ? { note: message.split("\n", 1)[0] } : { err: thrown };
    this.#options.log.error(fields, "What the database declares cannot be used here; what was in force goes on to hold.");
  }
}
