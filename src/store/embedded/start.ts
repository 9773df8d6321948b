/** The embedded database: a real PostgreSQL of our own, for a gateway on one machine. */

import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { DatabaseParts } from "../address.ts";
import { lockFolder } from "../folder-lock.ts";
import type { StoreLog } from "../log.ts";
import { findBinaries } from "./binaries.ts";
import { databaseUser, makeCluster, password } from "./cluster.ts";
import { setGuard } from "./guard.ts";
import { type Home, makeSocketFolder, openHome, systemFolder } from "./home.ts";
import { clearStale, isServerOf, type RunningServer, readPostmaster, stopServer } from "./postmaster.ts";
import { startServer } from "./server.ts";

export interface EmbeddedDatabase {
  readonly connection: DatabaseParts;
  /** Stops the server; resolves once its process is gone. Connections are cut. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: StoreLog;
}

const addressOf = (home: Home, socketFolder: string, database: string): DatabaseParts => ({
  host: socketFolder,
  user: databaseUser,
  password: password(home),
  database,
});

const withClient = async <T>(address: DatabaseParts, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** Whether the server that answers there is the one of this data folder. SCRAM proves both sides: a stranger does not know the password's verifier. */
const answers = async (home: Home, running: RunningServer): Promise<boolean> => {
  try {
    return await withClient(addressOf(home, running.socketFolder, "postgres"), async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
      return rows[0]?.data_directory === home.data;
    });
  } catch {
    return false;
  }
};

/** A server that is stopping takes as long as its checkpoint. */
const adoptionMs = 30_000;
const lookMs = 50;

/** The server that an earlier gateway left running on this data folder, once it answers; undefined when there is none (any more). */
const adopt = async (home: Home): Promise<RunningServer | undefined> => {
  for (const deadline = Date.now() + adoptionMs; Date.now() < deadline; await sleep(lookMs)) {
    const left = readPostmaster(home);
    if (left === undefined || !isServerOf(home, left.pid)) return undefined;
    if (left.ready && (await answers(home, left))) return left;
  }
  throw new Error(`A server runs on ${home.data} and does not answer.`);
};

const startAnew = async (home: Home): Promise<RunningServer> => {
  await clearStale(home);
  const binaries = findBinaries(home.user, () => (process.getuid?.() === 0 ? systemFolder() : home.folder));
  await makeCluster(home, binaries);
  const socketFolder = makeSocketFolder(home.user);
  try {
    return { pid: await startServer(home, binaries, socketFolder), socketFolder };
  } catch (thrown) {
    rmSync(socketFolder, { recursive: true, force: true });
    throw thrown;
  }
};

const ensureDatabase = (home: Home, { socketFolder }: RunningServer): Promise<void> =>
  withClient(addressOf(home, socketFolder, "postgres"), async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [databaseUser]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseUser}`);
  });

/** Starts the database under `dataDir`, or adopts the server that a killed gateway left there. Rejects with a sentence that says what to do. */
export const startEmbedded = async ({ dataDir, log }: EmbeddedOptions): Promise<EmbeddedDatabase> => {
  const home = openHome(dataDir, log);
  const lock = lockFolder(dataDir);
  try {
    password(home); // INVARIANT: exists before the server is made, looked for or asked.
    const adopted = await adopt(home);
    const running = adopted ?? (await startAnew(home));
    const guard = setGuard(home, running);
    await ensureDatabase(home, running);
    log.info({ pid: running.pid, adopted: adopted !== undefined }, "The embedded database is ready.");
    const stop = async (): Promise<void> => {
      await stopServer(home, running.pid);
      guard.dismiss();
      rmSync(running.socketFolder, { recursive: true, force: true });
      lock.release();
    };
    return { connection: addressOf(home, running.socketFolder, databaseUser), stop };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
};
