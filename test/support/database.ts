/** Databases for tests: each a clone of the migrated template, on the server that the run started (`global-setup.ts`). */

import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Also, StoreLog } from "../../src/store/index.ts";

export interface ServerAddress {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

export interface TestDatabase {
  readonly address: ServerAddress & { readonly database: string };
  /** Runs one statement as the owner. */
  query(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  drop(): Promise<void>;
}

export const templateName = "weir_template";

export const silentLog: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** For a change that nothing is written with. */
export const alone: Also = () => Promise.resolve();

const asAdministrator = async (server: ServerAddress, sql: string): Promise<void> => {
  const client = new pg.Client({ ...server, database: "postgres" });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

/**
 * A database of the test's own: `await cloneDatabase(inject("postgres"))`. From the template with every migration applied, or empty.
 * Drop it in `afterAll`.
 */
export const cloneDatabase = async (server: ServerAddress, template: "migrated" | "empty" = "migrated"): Promise<TestDatabase> => {
  const database = `test_${randomBytes(8).toString("hex")}`;
  await asAdministrator(server, `CREATE DATABASE ${database} TEMPLATE ${template === "migrated" ? templateName : "template0"}`);
  const address = { ...server, database };
  const pool = new pg.Pool({ ...address, max: 1 });
  pool.on("error", () => undefined);
  return {
    address,
    query: (sql, values) => pool.query(sql, values),
    drop: async () => {
      await pool.end();
      await asAdministrator(server, `DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
};
