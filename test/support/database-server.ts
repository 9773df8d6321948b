/** A PostgreSQL of a test run's own, with a migrated template database in it. */

import { chmod, mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate, startEmbedded } from "../../src/store/index.ts";
import { type ServerAddress, silentLog, templateName } from "./database.ts";

export interface DatabaseServer {
  /** Stays the same over a restart. */
  readonly address: ServerAddress;
  /** Stops the server, which cuts every connection, and starts it on the same data. */
  restart(): Promise<void>;
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
  let embedded = await startEmbedded({ dataDir, log: silentLog });
  // Every start makes a new folder for the socket: clients know it by a link.
  const host = join(dataDir, "socket");
  await symlink(embedded.connection.host, host);
  const { user, password } = embedded.connection;
  const address = { host, user, password };
  await makeTemplate(address);
  return {
    address,
    restart: async () => {
      await embedded.stop();
      embedded = await startEmbedded({ dataDir, log: silentLog });
      await unlink(host);
      await symlink(embedded.connection.host, host);
    },
    stop: async () => {
      await embedded.stop();
      await rm(dataDir, { recursive: true });
    },
  };
};
