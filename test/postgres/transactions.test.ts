import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { inTransaction, openPool, type Pool } from "../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "owner", log: silentLog, max: 1 });
  await database.query("CREATE TABLE public.written (word text)");
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const written = async (): Promise<readonly string[]> =>
  (await database.query("SELECT word FROM public.written ORDER BY word")).rows.map(({ word }: { word: string }) => word);

const insert = "INSERT INTO public.written VALUES ($1)";

describe("a transaction", () => {
  it("keeps all of what it writes, or nothing", async () => {
    await inTransaction(pool, (transaction) => transaction.query(insert, ["kept"]));
    const refused = inTransaction(pool, async (transaction) => {
      await transaction.query(insert, ["lost"]);
      throw new Error("no");
    });
    await expect(refused).rejects.toThrow("no");
    expect(await written()).toEqual(["kept"]);
  });

  it("rejects when its connection is lost, between statements too, and the pool works on with another", async () => {
    const cut = inTransaction(pool, async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const ended = new Promise((resolve) => transaction.once("end", resolve));
      await database.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await ended;
      await transaction.query(insert, ["cut"]);
    });
    await expect(cut).rejects.toThrow();
    await inTransaction(pool, (transaction) => transaction.query(insert, ["after"]));
    expect(await written()).toEqual(["after", "kept"]);
  });
});
