/** Reloads `weir.yaml` on SIGHUP and when the file changes (ARCHITECTURE.md 1.2). A bad new file is refused, and the old one stays in force. */

import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { type Loaded, type LoadOptions, loadConfig } from "./load.ts";
import { revisionOf } from "./revision.ts";

/**
 * How often the file is read, milliseconds; it costs some tens of microseconds. Reading what the path leads to sees every way of changing a file alike: writing into it, renaming
 * another over it, and swapping a folder that links lead through, as Kubernetes does with config maps.
 */
const lookEveryMs = 1000;

/** What became of a changed file. */
export type Reload =
  | {
      readonly kind: "reloaded";
      readonly loaded: Loaded;
      /** Settings that have changed in the file and stay as they are until the next start. */
      readonly needRestart: readonly FixedSetting[];
    }
  | { readonly kind: "refused"; readonly error: unknown };

/** Settings that the running process is built on. */
const fixed = ["listen", "admin", "database", "dataDir", "encryptionKey"] as const satisfies readonly (keyof Config)[];

export type FixedSetting = (typeof fixed)[number];

export interface WatchOptions extends LoadOptions {
  /** What is in force now. */
  readonly loaded: Loaded;
  /** Puts a new configuration in force, whole or not at all: what it throws refuses the file. */
  readonly apply: (loaded: Loaded) => void | Promise<void>;
  /** Told what became of each changed file. */
  readonly report: (reload: Reload) => void;
  /** How often the file is read, milliseconds. */
  readonly lookEveryMs?: number;
}

export interface ConfigWatch {
  /** Reads the file now, changed or not: secrets may have changed where it did not. Resolves once it is in force or refused. */
  reload(): Promise<void>;
  close(): void;
}

/** Watches the file that `loaded` came from. */
export const watchConfig = (options: WatchOptions): ConfigWatch => {
  const watcher = new Watcher(options);
  const hangup = (): void => void watcher.reload();
  const timer = setInterval(() => void watcher.look(), options.lookEveryMs ?? lookEveryMs).unref();
  process.on("SIGHUP", hangup);
  return {
    reload: () => watcher.reload(),
    close: () => {
      watcher.close();
      clearInterval(timer);
      process.off("SIGHUP", hangup);
    },
  };
};

class Watcher {
  readonly #options: WatchOptions;
  readonly #file: string;
  #inForce: Loaded;
  /** What was last looked at: a file is taken once it reads the same twice, lest half of it be. */
  #seen: string | undefined;
  /** The text that was last tried, so that a bad file is reported once. */
  #tried: string | undefined;
  /** Reloads happen one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#file = options.loaded.config.file;
    this.#inForce = options.loaded;
    this.#tried = options.loaded.text;
  }

  look(): Promise<void> {
    return this.#enqueue(() => {
      const text = this.#read();
      const settled = text === this.#seen;
      this.#seen = text;
      return settled && text !== undefined && text !== this.#tried ? this.#reload() : undefined;
    });
  }

  reload(): Promise<void> {
    return this.#enqueue(() => this.#reload());
  }

  close(): void {
    this.#closed = true;
  }

  #enqueue(step: () => Promise<void> | undefined): Promise<void> {
    this.#queue = this.#queue.then(() => (this.#closed ? undefined : step()));
    return this.#queue;
  }

  async #reload(): Promise<void> {
    this.#tried = this.#read();
    this.#options.report(await this.#attempt());
  }

  async #attempt(): Promise<Reload> {
    try {
      const next = loadConfig(this.#file, this.#options);
      const loaded = { ...next, config: withFixed(next.config, this.#inForce.config) };
      await this.#options.apply(loaded);
      this.#inForce = loaded;
      return { kind: "reloaded", loaded, needRestart: changedFixed(next.config, loaded.config) };
    } catch (error) {
      return { kind: "refused", error };
    }
  }

  /** undefined where it cannot be read: a file that is being replaced may not be there for a moment. */
  #read(): string | undefined {
    try {
      return readFileSync(this.#file, "utf8");
    } catch {
      return undefined;
    }
  }
}

/** The settings in force, but for certificates: they are renewed where the listener goes on as it is. */
const withFixed = (next: Config, { listen, admin, database, dataDir, encryptionKey }: Config): Config => {
  const sameListener = signOfListen(next) === signOfListen({ listen });
  return Object.freeze({ ...next, listen: sameListener ? next.listen : listen, admin, database, dataDir, encryptionKey });
};

const signOfListen = ({ listen: { tls, ...endpoint } }: Pick<Config, "listen">): string =>
  revisionOf({ ...endpoint, tls: tls !== undefined, clientCa: tls?.clientCa !== undefined });

/** What tells two values of a setting apart; of secrets, what they are and not what they are called. */
const sign = (config: Config, setting: FixedSetting): string => {
  switch (setting) {
    case "encryptionKey":
      return revisionOf(config.encryptionKey.reveal());
    case "database":
      return revisionOf(config.database.kind === "url" ? config.database.url.reveal() : config.database.kind);
    case "listen":
      return signOfListen(config);
    case "admin":
    case "dataDir":
      return revisionOf(config[setting]);
  }
};

const changedFixed = (next: Config, inForce: Config): readonly FixedSetting[] =>
  fixed.filter((setting) => sign(next, setting) !== sign(inForce, setting));
