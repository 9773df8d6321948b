/** What the database declares beside the file: read at start, and brought into force as either of them changes. */

import type { Closers } from "./closers.ts";
import { ConfigError, fileObjects, type Loaded, Secret, unite } from "./config/index.ts";
import { compileEgress } from "./connections/index.ts";
import {
  CredentialSealer,
  DeclarationRefused,
  Declarations,
  type DeclarationsOptions,
  DeclaredFeed,
  DeclaredStore,
  type Snapshot,
  type Wish,
} from "./declared/index.ts";
import { recordAuditEvent } from "./identity/index.ts";
import type { ChangeFeed, Pool, StoreLog } from "./store/index.ts";

/** What stood beside the file when the gateway was started. */
export interface BesideFile {
  readonly store: DeclaredStore;
  readonly seen: Snapshot;
  /** The same, credentials opened. */
  readonly objects: readonly Wish[];
  /** The file's configuration with it. */
  readonly united: Loaded;
}

const secretOf = ({ header, value }: NonNullable<Wish["credential"]>) => ({ header, value: new Secret(value, "[sealed]") });

const uniteWith = (file: Loaded, objects: readonly Wish[]): Loaded =>
  unite(file, {
    objects: objects.map(({ kind, name, document, credential }) => ({
      kind,
      name,
      document,
      credential: credential && secretOf(credential),
    })),
    compileEgress,
  });

/** Reads what is declared. `pool` is of the role `weir_access`. Rejects with ConfigError, and DeclarationRefused, where it cannot be used with the file. */
export const readBeside = async (file: Loaded, pool: Pool): Promise<BesideFile> => {
  const store = new DeclaredStore(pool, new CredentialSealer(Buffer.from(file.config.encryptionKey.reveal(), "base64")));
  const seen = await store.read();
  const objects = store.open(seen.objects);
  return { store, seen, objects, united: uniteWith(file, objects) };
};

export interface DeclaringOptions {
  /** As it was started with. */
  readonly file: Loaded;
  readonly beside: BesideFile;
  /** Puts a configuration in force, whole or not at all. */
  readonly put: (loaded: Loaded) => Promise<void>;
  /** Rejects as `put` would, and changes nothing. */
  readonly rehearse: (loaded: Loaded) => Promise<void>;
  /** Told of what was declared here. */
  readonly changed: DeclarationsOptions["changed"];
  readonly feed: ChangeFeed;
  readonly log: StoreLog;
}

/** The file and the database as they were last seen; they come into force together, one change after the other. */
export class Declaring {
  readonly declarations: Declarations;
  readonly #options: DeclaringOptions;
  readonly #feed: DeclaredFeed;
  /** The last file that could be used. */
  #file: Loaded;
  /** What the database declares, usable with that file or not. */
  #objects: readonly Wish[];
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: DeclaringOptions) {
    const { beside, feed, log } = options;
    this.#options = options;
    this.#file = options.file;
    this.#objects = beside.objects;
    this.#feed = new DeclaredFeed({ ...beside, feed, log, take: (objects) => this.#take(objects) });
    this.declarations = new Declarations({
      store: beside.store,
      ofFile: () => fileObjects(this.#file),
      check: (objects) => this.#check(objects),
      record: recordAuditEvent,
      changed: async (by, events) => {
        await this.#feed.look();
        await options.changed(by, events);
      },
    });
  }

  static start(options: DeclaringOptions, closers: Closers): Declaring {
    const declaring = new Declaring(options);
    closers.add(() => declaring.#feed.stop());
    return declaring;
  }

  /** Takes a new file, with what the database declares by now. Rejects with ConfigError, and everything stays as it was, when it cannot be used. */
  async reload(file: Loaded): Promise<void> {
    await this.#feed.look();
    await this.#enqueue(async () => {
      await this.#options.put(uniteWith(file, this.#objects));
      this.#file = file;
    });
  }

  #take(objects: readonly Wish[]): Promise<void> {
    return this.#enqueue(() => {
      this.#objects = objects;
      return this.#with(objects, this.#options.put);
    });
  }

  #check(objects: readonly Wish[]): Promise<void> {
    return this.#with(objects, this.#options.rehearse);
  }

  async #with(objects: readonly Wish[], work: (united: Loaded) => Promise<void>): Promise<void> {
    try {
      await work(uniteWith(this.#file, objects));
    } catch (thrown) {
      throw thrown instanceof ConfigError ? new DeclarationRefused("unusable", thrown.message) : thrown;
    }
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
