import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Principal } from "../../../src/envelope/call.ts";
import { fullScope } from "../../../src/identity/grants/index.ts";
import { Revocations } from "../../../src/identity/index.ts";
import { ChangeFeed, openPool, type Pool } from "../../../src/store/index.ts";
import { alone, cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const person = (subject: string, rest: Partial<Principal> = {}): Principal => ({
  kind: "human",
  issuer: "corp",
  subject,
  name: subject,
  email: undefined,
  groups: [],
  ...rest,
});

const withToken = (subject: string, id: string): Principal =>
  person(subject, { grant: { id, lineage: [], scope: fullScope, counted: false, expiresAt: Number.POSITIVE_INFINITY } });

const administrator = { issuer: "corp", subject: "root" };
const because = { by: administrator, reason: "left the company" };

let database: TestDatabase;
let pool: Pool;
const started: Revocations[] = [];
const feeds: ChangeFeed[] = [];

const replica = async (): Promise<Revocations> => {
  const feed = new ChangeFeed({ address: database.address, log: silentLog });
  feeds.push(feed);
  const revocations = await Revocations.start({ pool, feed });
  started.push(revocations);
  return revocations;
};

/** Resolves once the watched call is cut. */
const cutOf = (revocations: Revocations, principal: Principal, connection = "gpt"): Promise<void> =>
  new Promise((resolve) => {
    revocations.watch(principal, connection, resolve);
  });

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
});

afterAll(async () => {
  for (const each of [...started, ...feeds]) await each.stop();
  await pool.end();
  await database.drop();
});

describe("a revocation", () => {
  it("cuts calls that run in every replica, and only those that it concerns", async () => {
    const [one, two] = [await replica(), await replica()];
    const others: string[] = [];
    two.watch(person("bob"), "gpt", () => others.push("bob"));
    two.watch(person("alice", { issuer: "other" }), "gpt", () => others.push("another issuer's alice"));
    const cuts = [cutOf(one, person("alice")), cutOf(two, person("alice"), "churn")];
    await one.revoke({ kind: "identity", issuer: "corp", subject: "alice" }, because, alone);
    await Promise.all(cuts);
    expect(one.isRevoked(person("alice"))).toBe(true);
    expect(two.isRevoked(person("alice"), "gpt")).toBe(true);
    expect(others).toEqual([]);
  });

  it("may concern one token, a whole issuer, or a connection", async () => {
    const revocations = await replica();
    const tokenCut = cutOf(revocations, withToken("carol", "tok_1"));
    await revocations.revoke({ kind: "token", id: "tok_1" }, because, alone);
    await tokenCut;
    expect(revocations.isRevoked(person("carol"))).toBe(false);
    expect(revocations.isRevoked(withToken("carol", "tok_2"))).toBe(false);

    await revocations.revoke({ kind: "issuer", name: "partner" }, because, alone);
    expect(revocations.isRevoked(person("anyone", { issuer: "partner" }))).toBe(true);

    const frozen = cutOf(revocations, person("dave"), "triton");
    await revocations.revoke({ kind: "connection", name: "triton" }, because, alone);
    await frozen;
    expect(revocations.isRevoked(person("dave"), "triton")).toBe(true);
    expect(revocations.isRevoked(person("dave"), "gpt")).toBe(false);
    expect(revocations.isRevoked(person("dave"))).toBe(false);
  });

  it("holds in a replica that starts later, until it is lifted everywhere", async () => {
    const [first, identity] = [await replica(), { kind: "identity", issuer: "corp", subject: "erin" } as const];
    await first.revoke(identity, because, alone);
    const later = await replica();
    expect(later.isRevoked(person("erin"))).toBe(true);
    expect(await later.lift(identity, alone)).toBe(true);
    expect(await later.lift(identity, alone)).toBe(false);
    await expect.poll(() => first.isRevoked(person("erin"))).toBe(false);
    expect((await replica()).isRevoked(person("erin"))).toBe(false);
  });

  it("is one, however often it is asked for", async () => {
    const revocations = await replica();
    const token = { kind: "token", id: "tok_twice" } as const;
    await Promise.all([1, 2, 3].map(() => revocations.revoke(token, because, alone)));
    const { rows } = await database.query("SELECT count(*)::int AS count FROM weir.revocations WHERE object = '{tok_twice}'");
    expect(rows).toEqual([{ count: 1 }]);
  });

  it("is known of a call's moments after many others, some of them under way at the same time", async () => {
    const [writer, reader] = [await replica(), await replica()];
    const people = Array.from({ length: 200 }, (_, index) => `p${index}`);
    await Promise.all(people.map((subject) => writer.revoke({ kind: "identity", issuer: "corp", subject }, because, alone)));
    await expect.poll(() => people.filter((subject) => !reader.isRevoked(person(subject)))).toEqual([]);
  });

  it("of a token is forgotten once the token has ended by itself", async () => {
    const revocations = await replica();
    await revocations.revoke({ kind: "token", id: "tok_ended" }, { ...because, until: new Date(Date.now() - 1) }, alone);
    expect(revocations.isRevoked(withToken("frank", "tok_ended"))).toBe(false);
  });

  it("is seen again after every connection to the database was lost", async () => {
    const [writer, reader] = [await replica(), await replica()];
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await expect
      .poll(async () => {
        await writer.revoke({ kind: "identity", issuer: "corp", subject: "grace" }, because, alone).catch(() => undefined);
        return reader.isRevoked(person("grace"));
      })
      .toBe(true);
  });
});
