/** Migrations: numbered SQL files, applied once each, in order, never edited afterwards. */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { DatabaseAddress } from "./address.ts";

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Two gateways that start together migrate one after the other; the number is "weir" in ASCII. */
const advisoryLock = 0x77656972;

const fileName = /^\d{4}-[a-z0-9-]+\.sql$/;

/** Where the files are: beside this one when run from source; `tsc` copies no SQL, so from `dist/src/store` they are in the package's `src/store`. */
const folders = [new URL("migrations/", import.meta.url), new URL("../../../src/store/migrations/", import.meta.url)];

const listFolder = async (): Promise<{ folder: URL; names: string[] }> => {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    if (names.length > 0) return { folder, names: names.filter((name) => fileName.test(name)).sort() };
  }
  throw new Error(`There are no migrations in ${folders.map((folder) => fileURLToPath(folder)).join(" or ")}`);
};

const readAll = async (): Promise<Migration[]> => {
  const { folder, names } = await listFolder();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
};

const createLedger = `CREATE SCHEMA IF NOT EXISTS weir; CREATE TABLE IF NOT EXISTS weir.migrations (
  name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`;

/** What is still to be applied. An applied file that changed, or that this version does not have, stops everything. */
const pending = (all: readonly Migration[], applied: ReadonlyMap<string, string>): Migration[] => {
  const known = new Set(all.map(({ name }) => name));
  for (const name of applied.keys())
    if (!known.has(name)) throw new Error(`The database is newer than this Weir: it has migration ${name}.`);
  for (const { name, checksum } of all) {
    const before = applied.get(name);
    if (before !== undefined && before !== checksum) throw new Error(`Migration ${name} is not the one that was applied.`);
  }
  return all.filter(({ name }) => !applied.has(name));
};

const apply = async (client: pg.Client, { name, sql, checksum }: Migration): Promise<void> => {
  try {
    await client.query(`BEGIN; ${sql}`);
    await client.query("INSERT INTO weir.migrations (name, checksum) VALUES ($1, $2)", [name, checksum]);
    await client.query("COMMIT");
  } catch (thrown) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw new Error(`Migration ${name} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
  }
};

/** Brings the database to this version; resolves with the names of the files applied now. The user must own the schema and may create roles. */
export const migrate = async (address: DatabaseAddress): Promise<readonly string[]> => {
  const all = await readAll();
  const client = new pg.Client({ ...address, application_name: "weir migrate", connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    await client.query(createLedger);
    const { rows } = await client.query<{ name: string; checksum: string }>("SELECT name, checksum FROM weir.migrations");
    const wanted = pending(all, new Map(rows.map((row) => [row.name, row.checksum])));
    for (const migration of wanted) await apply(client, migration);
    return wanted.map(({ name }) => name);
  } finally {
    await client.end();
  }
};
