import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { CredentialSealer, Declarations, DeclaredFeed, DeclaredStore, type Wish } from "../../../src/declared/index.ts";
import { ChangeFeed, openPool, type Pool } from "../../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const by = { issuer: "corp", subject: "root", name: "root" };
const policy = (name: string): Wish => ({ kind: "policy", name, document: { effect: "allow" }, credential: undefined });

let database: TestDatabase;
let pool: Pool;
let feed: ChangeFeed;
let store: DeclaredStore;
let declarations: Declarations;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  feed = new ChangeFeed({ address: database.address, log: silentLog });
  store = new DeclaredStore(pool, new CredentialSealer(randomBytes(32)));
  const nothing = () => Promise.resolve();
  declarations = new Declarations({ store, ofFile: () => [], check: nothing, record: nothing, changed: nothing });
});
afterAll(async () => {
  await feed.stop();
  await pool.end();
  await database.drop();
});

it("what cannot be brought into force is told once, tried again, and in force as soon as it can be", async () => {
  const told: string[] = [];
  const tries: string[][] = [];
  let away = true;
  const following = new DeclaredFeed({
    store,
    feed,
    seen: await store.read(),
    log: { ...silentLog, error: (_, message) => told.push(message), info: (_, message) => told.push(message) },
    retryMs: 20,
    take: (objects) => {
      tries.push(objects.map(({ name }) => name));
      return away ? Promise.reject(new Error("the upstream is away")) : Promise.resolve();
    },
  });
  await declarations.create(by, policy("first"));
  await expect.poll(() => tries.length).toBeGreaterThan(2);
  expect(told).toHaveLength(1);
  away = false;
  await expect.poll(() => told.length).toBe(2);
  expect(tries.at(-1)).toEqual(["first"]);
  const settled = tries.length;
  await following.look();
  expect(tries).toHaveLength(settled);
  await declarations.create(by, policy("second"));
  await expect.poll(() => tries.at(-1)).toEqual(["first", "second"]);
  await following.stop();
});
