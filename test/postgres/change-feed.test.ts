import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { ChangeFeed } from "../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../support/database.ts";

/** A look comes only every few hundred milliseconds. */
const patient = { timeout: 20_000 };

let database: TestDatabase;
const feeds: ChangeFeed[] = [];

const start = (address = database.address): ChangeFeed => {
  const feed = new ChangeFeed({ address, log: silentLog });
  feeds.push(feed);
  return feed;
};

/** How often a channel has been caught up with. */
interface Count {
  times: number;
}

const count = (feed: ChangeFeed, channel: "approvals" | "keys"): Count => {
  const counted = { times: 0 };
  feed.subscribe(channel, async () => {
    counted.times++;
  });
  return counted;
};

const announce = (channel: string): Promise<unknown> => database.query("SELECT weir.announce($1)", [channel]);
/** A change whose announcement is lost. */
const change = (channel: string): Promise<unknown> =>
  database.query(
    "INSERT INTO weir.changes AS c (channel, revision) VALUES ($1, 1) ON CONFLICT (channel) DO UPDATE SET revision = c.revision + 1",
    [channel],
  );

const grows = async (counted: Count, changed: () => Promise<unknown>): Promise<void> => {
  const before = counted.times;
  await changed();
  await expect.poll(() => counted.times, patient).toBeGreaterThan(before);
};

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
});
afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
});
afterAll(() => database.drop());

describe("a change feed", () => {
  it("catches up with what is announced", async () => {
    const keys = count(start(), "keys");
    await expect.poll(() => keys.times, patient).toBeGreaterThan(0);
    await grows(keys, () => announce("keys"));
  });

  it("catches up with a change whose announcement was lost, and with no channel that has none", async () => {
    const feed = start();
    const [approvals, keys] = [count(feed, "approvals"), count(feed, "keys")];
    await grows(keys, () => change("keys"));
    await expect.poll(() => approvals.times, patient).toBeGreaterThan(0);
    await grows(keys, () => change("keys"));
    const before = approvals.times;
    await grows(keys, () => change("keys"));
    await grows(keys, () => announce("keys"));
    expect(approvals.times).toBe(before);
  });

  it("tries again where catching up failed, though nothing more has changed", async () => {
    const feed = start();
    let failures = 0;
    let away = false;
    const keys: Count = { times: 0 };
    feed.subscribe("keys", async () => {
      if (away) {
        failures++;
        throw new Error("the database is away");
      }
      keys.times++;
    });
    await expect.poll(() => keys.times, patient).toBeGreaterThan(0);
    away = true;
    await change("keys");
    await expect.poll(() => failures, patient).toBeGreaterThan(2);
    await grows(keys, async () => {
      away = false;
    });
  });

  it("goes on after its connection was lost", async () => {
    const keys = count(start(), "keys");
    await expect.poll(() => keys.times, patient).toBeGreaterThan(0);
    const { rowCount } = await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir changes' AND datname = current_database()",
    );
    expect(rowCount).toBe(1);
    await grows(keys, () => change("keys"));
  });

  it("has every channel look by itself for as long as it has no connection", async () => {
    const keys = count(start({ ...database.address, database: "no_such_database" }), "keys");
    await expect.poll(() => keys.times, patient).toBeGreaterThan(2);
  });

  it("keeps one connection, however many channels are followed", async () => {
    const feed = start();
    const counted = [count(feed, "approvals"), count(feed, "keys")];
    await expect.poll(() => counted.every(({ times }) => times > 0), patient).toBe(true);
    const { rows } = await database.query(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'weir changes' AND datname = current_database()",
    );
    expect(rows).toEqual([{ count: 1 }]);
  });
});
