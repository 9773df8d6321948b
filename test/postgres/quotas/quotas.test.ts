import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import type { QuotaClaim } from "../../../src/enforcement/index.ts";
import type { Principal } from "../../../src/envelope/call.ts";
import { SharedQuotas } from "../../../src/quotas/index.ts";
import { openPool, type Pool } from "../../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";
import { principal } from "../../support/policy-facts.ts";

let database: TestDatabase;
let pool: Pool;
let one: SharedQuotas;
let two: SharedQuotas;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  [one, two] = [new SharedQuotas(pool, silentLog), new SharedQuotas(pool, silentLog)];
  // In the middle of a minute, so that no window ends under a test.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 7, 12, 0, 30) });
});
afterAll(async () => {
  vi.useRealTimers();
  await Promise.all([one.stop(), two.stop()]);
  await pool.end();
  await database.drop();
});

type Limit = Partial<QuotaClaim["rules"][number]>;

const claim = (policy: string, limit: Limit, rest: { caller?: Principal; connection?: string; tokens?: number } = {}): QuotaClaim => ({
  rules: [{ policy, requestsPerMinute: undefined, tokensPerDay: undefined, per: "identity", groups: undefined, ...limit }],
  principal: rest.caller ?? principal(),
  connection: rest.connection ?? "gpt",
  tokens: () => rest.tokens ?? 0,
});

const passes = (quotas: SharedQuotas, wanted: QuotaClaim): Promise<boolean> =>
  quotas.reserve(wanted).then(
    () => true,
    () => false,
  );

const passed = async (tries: readonly Promise<boolean>[]): Promise<number> => (await Promise.all(tries)).filter(Boolean).length;

describe("requests a minute", () => {
  it("are never more than the limit over all replicas, and all of it where one alone asks", async () => {
    const limit = claim("alone", { requestsPerMinute: 50 });
    expect(await passed(Array.from({ length: 80 }, () => passes(one, limit)))).toBe(50);
    const shared = claim("shared", { requestsPerMinute: 50 });
    const first = await passed(Array.from({ length: 80 }, (_, index) => passes(index % 2 === 0 ? one : two, shared)));
    expect(first).toBeLessThanOrEqual(50);
    await Promise.all([one.settle(true), two.settle(true)]);
    const rest = await passed(Array.from({ length: 50 }, () => passes(one, shared)));
    expect(first + rest).toBe(50);
  });

  it("cost far fewer writes than requests", async () => {
    const limit = claim("cheap", { requestsPerMinute: 1000 });
    const query = vi.spyOn(pool, "query");
    expect(await passed(Array.from({ length: 500 }, () => passes(one, limit)))).toBe(500);
    expect(query.mock.calls.length).toBeLessThanOrEqual(20);
    query.mockRestore();
  });

  it("begin anew with the next minute, and say when that is", async () => {
    const limit = claim("again", { requestsPerMinute: 1 });
    expect(await passes(one, limit)).toBe(true);
    await expect(one.reserve(limit)).rejects.toMatchObject({ reason: "quota_exceeded", retryAfter: 30 });
    vi.setSystemTime(Date.now() + 60_000);
    expect(await passes(one, limit)).toBe(true);
    vi.setSystemTime(Date.now() - 60_000);
  });

  it("count for each identity, group or connection, as the policy says", async () => {
    const bob = principal({ subject: "bob", groups: ["analysts", "night"] });
    const identity: Limit = { requestsPerMinute: 1 };
    expect([await passes(one, claim("i", identity)), await passes(one, claim("i", identity, { caller: bob }))]).toEqual([true, true]);
    expect(await passes(two, claim("i", identity))).toBe(false);
    const group: Limit = { requestsPerMinute: 1, per: "group", groups: ["analysts"] };
    expect([await passes(one, claim("g", group)), await passes(one, claim("g", group, { caller: bob }))]).toEqual([true, false]);
    const connection: Limit = { requestsPerMinute: 1, per: "connection" };
    expect([await passes(one, claim("c", connection)), await passes(one, claim("c", connection, { caller: bob }))]).toEqual([true, false]);
    expect(await passes(one, claim("c", connection, { connection: "churn" }))).toBe(true);
  });
});

describe("tokens a day", () => {
  it("are held for what a call may use, and what it did not use is there for the next", async () => {
    const limit = claim("tokens", { tokensPerDay: 1_000 }, { tokens: 600 });
    const first = await one.reserve(limit);
    expect(await passes(one, limit)).toBe(false);
    first.settle(100);
    first.settle(0);
    const second = await one.reserve(limit);
    second.settle(900);
    expect(await passes(one, claim("tokens", { tokensPerDay: 1_000 }, { tokens: 1 }))).toBe(false);
  });

  it("that a call used beyond what it had taken count all the same", async () => {
    const limit: Limit = { tokensPerDay: 1_000 };
    const call = await one.reserve(claim("over", limit, { tokens: 10 }));
    call.settle(990);
    await one.settle(true);
    expect(await passes(two, claim("over", limit, { tokens: 11 }))).toBe(false);
    expect(await passes(two, claim("over", limit, { tokens: 10 }))).toBe(true);
  });

  it("that a refused call held of other limits are given back", async () => {
    const rules = [...claim("both-tokens", { tokensPerDay: 100 }).rules, ...claim("both-requests", { requestsPerMinute: 1 }).rules];
    const both: QuotaClaim = { ...claim("both", {}), rules, tokens: () => 40 };
    (await one.reserve(both)).settle(40);
    expect(await passes(one, both)).toBe(false);
    expect(await passes(one, { ...claim("both-tokens", { tokensPerDay: 100 }), tokens: () => 60 })).toBe(true);
  });
});

describe("without the database", () => {
  it("nothing that is limited passes", async () => {
    const away = openPool({ address: { ...database.address, database: "no_such_database" }, role: "weir_access", log: silentLog });
    const lost = new SharedQuotas(away, silentLog);
    await expect(lost.reserve(claim("lost", { requestsPerMinute: 5 }))).rejects.toMatchObject({ reason: "quota_exceeded" });
    await lost.stop();
    await away.end();
  });
});
