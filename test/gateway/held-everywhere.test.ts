/** Requests of every protocol, held by one replica and decided on another, with the database's connections lost half-way. */

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { HeldArena, newMark } from "../support/held/arena.ts";
import { asks, type Ending } from "../support/held/asks.ts";
import { again, markOf, pendingIds, reviewingAt } from "../support/held/reviewing.ts";

/** Rounds of every kind of call; a caller has at most twenty waiting. */
const rounds = 2;

let arena: HeldArena;
let database: TestDatabase;
let holding: TestGateway;
let deciding: TestGateway;

beforeAll(async () => {
  [arena, database] = await Promise.all([HeldArena.start({ callers: 1, expires: "60s" }), cloneDatabase(inject("postgres"))]);
  const shared = {
    configuration: arena.configuration,
    env: arena.env,
    database: database.address,
    encryptionKey: randomBytes(32).toString("base64"),
  };
  [holding, deciding] = [await startTestGateway(shared), await startTestGateway(shared)];
});
afterAll(async () => {
  await Promise.all([holding.close(), deciding.close()]);
  await Promise.all([database.drop(), arena.close()]);
});

const breakConnections = (): Promise<unknown> =>
  database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

it("each ends exactly as it was decided, and none is forwarded twice or without a yes", async () => {
  const [key = ""] = arena.keys;
  const asked = Array.from({ length: rounds }, () => asks)
    .flat()
    .map(({ ask }) => ({ ask, mark: newMark() }));
  const endings = Promise.all(asked.map(async ({ ask, mark }) => [mark, await ask(mark, { url: holding.url, key })] as const));
  const client = reviewingAt(deciding.adminUrl, arena.reviewerKey);
  await expect.poll(async () => (await pendingIds(client)).length, { timeout: 20_000 }).toBe(asked.length);
  expect(arena.forwarded).toEqual([]);

  const decisions = new Map<string, Ending>();
  for (const [turn, id] of (await pendingIds(client)).entries()) {
    if (turn === Math.floor(asked.length / 2)) await breakConnections();
    const mark = await again(() => markOf(client, id));
    const agrees = randomBytes(1).readUInt8() % 2 === 0;
    decisions.set(mark, agrees ? "passed" : "approval_denied");
    await again<unknown>(() => (agrees ? client.approveRequest({ id }) : client.denyRequest({ id, reason: "no" })));
  }
  expect(Object.fromEntries(await endings)).toEqual(Object.fromEntries(decisions));
  const approved = asked.map(({ mark }) => mark).filter((mark) => decisions.get(mark) === "passed");
  expect(arena.forwarded.toSorted()).toEqual(approved.toSorted());
});
