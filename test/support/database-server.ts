/** A PostgreSQL of a test run's own, with a migrated template database in it. */

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate, startEmbedded } from "../../src/store/index.ts";
import { type ServerAddress, silentLog, templateName } from "./database.ts";

export interface DatabaseServer {
  readonly address: ServerAddress;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

const makeTemplate = async (server: ServerAddress): Promise<void> => {
  const client = new pg.Client({ ...server, database: "postgres" });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateName}`);
  await client.end();
  await migrate({ ...server, database: templateName });
};

export const startDatabaseServer = async (): Promise<DatabaseServer> => {
  const dataDir = await mkdtemp(join(tmpdir(), "weir-tests-"));
  await chmod(dataDir, 0o755); // so that root's run keeps its data here too
  const embedded = await startEmbedded({ dataDir, log: silentLog });
  const { host, user, password } = embedded.connection;
  const address = { host, user, password };
  await makeTemplate(address);
  return {
    address,
    stop: async () => {
      await embedded.stop();
      await rm(dataDir, { recursive: true });
    },
  };
};
