import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { migrate, openPool } from "../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../support/database.ts";
import { describeSchema } from "../support/schema.ts";

describe("migrations", () => {
  let empty: TestDatabase;
  let migrated: TestDatabase;
  beforeAll(async () => {
    empty = await cloneDatabase(inject("postgres"), "empty");
    migrated = await cloneDatabase(inject("postgres"));
  });
  afterAll(async () => {
    await empty.drop();
    await migrated.drop();
  });

  it("are applied once each when several gateways start together", async () => {
    const applied = await Promise.all([migrate(empty.address), migrate(empty.address), migrate(empty.address)]);
    const names = applied.flat();
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    expect(await migrate(empty.address)).toEqual([]);
  });

  it("make the schema that is committed (run with --update after a new migration)", async () => {
    await expect(await describeSchema(migrated)).toMatchFileSnapshot("../../src/store/schema.sql");
  });

  it("refuse a database whose applied migration is not the one at hand", async () => {
    const changed = await cloneDatabase(inject("postgres"));
    await changed.query("UPDATE weir.migrations SET checksum = 'another'");
    await expect(migrate(changed.address)).rejects.toThrow("is not the one that was applied");
    await changed.drop();
  });

  it("refuse a database that a newer Weir has migrated", async () => {
    const newer = await cloneDatabase(inject("postgres"));
    await newer.query("INSERT INTO weir.migrations (name, checksum) VALUES ('9999-future.sql', 'x')");
    await expect(migrate(newer.address)).rejects.toThrow("newer than this Weir");
    await newer.drop();
  });

  const recordTables = ["sessions", "session_events", "session_ends", "data_keys"];

  it.each(recordTables)("let the data path's role neither change, remove nor read %s", async (table) => {
    const pool = openPool({ address: migrated.address, role: "weir_writer", log: silentLog, max: 1 });
    for (const statement of [
      `DELETE FROM weir.${table}`,
      `TRUNCATE weir.${table}`,
      `SELECT FROM weir.${table}`,
      `DROP TABLE weir.${table}`,
    ]) {
      await expect(pool.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
    }
    const column = table === "data_keys" ? "master_key" : "session_id";
    await expect(pool.query(`UPDATE weir.${table} SET ${column} = 'x'`)).rejects.toThrow("permission denied");
    await pool.end();
  });

  it("let the data path's role write no partition past its parent", async () => {
    const pool = openPool({ address: migrated.address, role: "weir_writer", log: silentLog, max: 1 });
    await pool.query("SELECT weir.open_day('2020-02-29')");
    await expect(pool.query("DELETE FROM weir.session_events_20200229")).rejects.toThrow("permission denied");
    await pool.end();
  });
});
