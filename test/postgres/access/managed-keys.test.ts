import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sha256 } from "../../../src/identity/digest.ts";
import { fullScope } from "../../../src/identity/grants/index.ts";
import { ManagedKeys } from "../../../src/identity/index.ts";
import { ChangeFeed, openPool, type Pool } from "../../../src/store/index.ts";
import { alone, cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const forGood = { scope: fullScope, expiresAt: Number.POSITIVE_INFINITY };

let database: TestDatabase;
let pool: Pool;
let feeds: readonly ChangeFeed[];
let keys: ManagedKeys;
let replica: ManagedKeys;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  feeds = [1, 2].map(() => new ChangeFeed({ address: database.address, log: silentLog }));
  const [feed, another] = feeds as [ChangeFeed, ChangeFeed];
  [keys, replica] = [await ManagedKeys.start({ pool, feed }), await ManagedKeys.start({ pool, feed: another })];
  const owner = { issuer: "corp", subject: "alice" };
  await keys.store.addIdentity({ name: "report", kind: "service", groups: ["analysts"], owner }, alone);
});
afterAll(async () => {
  await Promise.all([keys.stop(), replica.stop(), ...feeds.map((feed) => feed.stop())]);
  await pool.end();
  await database.drop();
});

describe("a minted key", () => {
  it("belongs to its identity in every replica, with its scope and its owner", async () => {
    const scope = { ...fullScope, connections: ["gpt"] };
    const { secret, key } = await keys.mint({ ...forGood, identity: "report", scope }, alone);
    expect(secret).toMatch(/^weir_[\w-]{43}$/);
    await expect
      .poll(() => replica.ownerOf(sha256(secret)))
      .toEqual({
        kind: "service",
        issuer: "weir",
        subject: "report",
        name: "report",
        email: undefined,
        groups: ["analysts"],
        grant: { id: key.id, lineage: [], scope, counted: false, expiresAt: Number.POSITIVE_INFINITY },
        owner: { issuer: "corp", subject: "alice" },
      });
  });

  it("stands nowhere in the database", async () => {
    const { secret } = await keys.mint({ ...forGood, identity: "report" }, alone);
    const { rows } = await database.query("SELECT k::text AS row FROM weir.api_keys k");
    expect(JSON.stringify(rows)).not.toContain(secret.slice(5, 30));
  });

  it("ends when it was told to, and may be told to end earlier, never later", async () => {
    const soon = Date.now() + 300;
    const { secret, key } = await keys.mint({ ...forGood, identity: "report", expiresAt: soon }, alone);
    expect(keys.ownerOf(sha256(secret))).toBeDefined();
    await keys.rotate({ id: key.id, endsAt: soon + 60_000 }, { ...forGood, identity: "report" }, alone);
    await expect.poll(() => keys.ownerOf(sha256(secret))).toBeUndefined();
    const listed = (await keys.store.keysOf("report")).find(({ id }) => id === key.id);
    expect(listed?.expiresAt).toBe(soon);
  });

  it("needs an identity that is there, and goes with it", async () => {
    await expect(keys.mint({ ...forGood, identity: "nobody" }, alone)).rejects.toThrow();
    await keys.store.addIdentity({ name: "short-lived", kind: "agent", groups: [], owner: undefined }, alone);
    const { secret } = await keys.mint({ ...forGood, identity: "short-lived" }, alone);
    expect(await keys.store.addIdentity({ name: "short-lived", kind: "agent", groups: ["admins"], owner: undefined }, alone)).toBe(false);
    await keys.store.removeIdentity("short-lived", alone);
    await expect.poll(() => keys.ownerOf(sha256(secret))).toBeUndefined();
    await expect.poll(() => replica.ownerOf(sha256(secret))).toBeUndefined();
  });
});

describe("an imported key", () => {
  it("is known by its hash alone, which nobody can present", async () => {
    const legacy = "a-legacy-key-of-128-bits-or-more";
    await keys.import(sha256(legacy), { ...forGood, identity: "report" }, alone);
    expect(keys.ownerOf(sha256(legacy))?.name).toBe("report");
    expect(keys.ownerOf(sha256(sha256(legacy)))).toBeUndefined();
    await expect(keys.import(sha256(legacy), { ...forGood, identity: "report" }, alone)).rejects.toThrow();
  });
});
