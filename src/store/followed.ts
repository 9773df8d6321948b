/** One channel of a change feed: what is known of it here, and how that is brought up to date. */

/** Kinds of things that every replica follows; `weir.announce` raises their counters. */
export type ChangeChannel = "approvals" | "declared" | "keys" | "revocations";

export interface FollowedOptions {
  readonly channel: ChangeChannel;
  /** Brings what is known up to date; rejects when the database is away. Never called twice at once. */
  readonly catchUp: () => Promise<void>;
  readonly failed: (thrown: unknown) => void;
}

/** Catches up one run after the other, and only where something has changed. */
export class Followed {
  readonly channel: ChangeChannel;
  readonly #options: FollowedOptions;
  #running: Promise<boolean> | undefined;
  /** Asked for while a run was under way: it may have looked too early. */
  #again = false;
  /** The counter up to which everything is known for certain. */
  #reached: string | undefined;

  constructor(options: FollowedOptions) {
    this.channel = options.channel;
    this.#options = options;
  }

  /** Catches up; resolves once everything that was committed before the call has been seen, with false when the database turned out to be away. */
  look(): Promise<boolean> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Catches up unless this counter has been reached already; false when the database turned out to be away. */
  async reach(revision: string): Promise<boolean> {
    if (revision === this.#reached) return true;
    const caughtUp = await this.look();
    if (caughtUp) this.#reached = revision;
    return caughtUp;
  }

  /** Resolves once no run is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<boolean> {
    let caughtUp: boolean;
    do {
      this.#again = false;
      caughtUp = await this.#options.catchUp().then(
        () => true,
        (thrown: unknown) => {
          this.#options.failed(thrown);
          return false;
        },
      );
    } while (this.#again);
    return caughtUp;
  }
}
