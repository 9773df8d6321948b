/** What every run of the tests with real parts starts once: a PostgreSQL with a migrated template database. */

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate, startEmbedded } from "../../src/store/index.ts";
import { type ServerAddress, silentLog, templateName } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgres: ServerAddress;
  }
}

const makeTemplate = async (server: ServerAddress): Promise<void> => {
  const client = new pg.Client({ ...server, database: "postgres" });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateName}`);
  await client.end();
  await migrate({ ...server, database: templateName });
};

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const dataDir = await mkdtemp(join(tmpdir(), "weir-tests-"));
  await chmod(dataDir, 0o755); // so that root's run keeps its data here too
  const embedded = await startEmbedded({ dataDir, log: silentLog });
  const { host, user, password } = embedded.connection;
  const server = { host, user, password };
  await makeTemplate(server);
  project.provide("postgres", server);
  return async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true });
  };
};
