/** What every run of the tests with real parts starts once: a PostgreSQL with a migrated template database. */

import type { TestProject } from "vitest/node";
import type { ServerAddress } from "./database.ts";
import { startDatabaseServer } from "./database-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgres: ServerAddress;
  }
}

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startDatabaseServer();
  project.provide("postgres", server.address);
  return server.stop;
};
