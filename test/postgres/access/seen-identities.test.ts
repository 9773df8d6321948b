import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Principal } from "../../../src/envelope/call.ts";
import { SeenIdentities } from "../../../src/identity/index.ts";
import { openPool, type Pool } from "../../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const person = (subject: string, rest: Partial<Principal> = {}): Principal => ({
  kind: "human",
  issuer: "corp",
  subject,
  name: subject,
  email: undefined,
  groups: [],
  ...rest,
});

let database: TestDatabase;
let pool: Pool;
let seen: SeenIdentities;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  seen = new SeenIdentities(pool, silentLog);
});
afterAll(async () => {
  await seen.stop();
  await pool.end();
  await database.drop();
});

const everybody = { name: undefined, after: ["", ""], limit: 100 } as const;

describe("the directory", () => {
  it("knows who came, when first and when last, and what was said of them last", async () => {
    seen.note(person("alice", { groups: ["a", "b"] }));
    seen.note(person("bob", { email: "bob@corp.example" }));
    await seen.flush();
    const [before] = await seen.list({ ...everybody, name: "alice" });
    seen.note(person("alice", { groups: ["c"] }));
    await seen.flush();
    const [after] = await seen.list({ ...everybody, name: "alice" });
    expect(after).toMatchObject({ subject: "alice", groups: ["c"], firstSeen: before?.firstSeen });
    expect(after?.lastSeen.getTime()).toBeGreaterThanOrEqual(before?.lastSeen.getTime() ?? Number.NaN);
    expect((await seen.list(everybody)).map(({ subject }) => subject)).toEqual(["alice", "bob"]);
  });

  it("keeps the same subject of two issuers apart, and nobody who is anonymous", async () => {
    seen.note(person("carol"));
    seen.note(person("carol", { issuer: "partner" }));
    seen.note(person("anonymous", { kind: "anonymous", issuer: "weir" }));
    await seen.flush();
    expect((await seen.list({ ...everybody, name: "carol" })).map(({ issuer }) => issuer)).toEqual(["corp", "partner"]);
    expect(await seen.list({ ...everybody, name: "anonymous" })).toEqual([]);
  });

  it("says where somebody's groups come from, and who is responsible for them", async () => {
    const owner = { issuer: "corp", subject: "erin" };
    const scope = { connections: undefined, models: undefined, operations: undefined };
    const grant = { id: "key_1", lineage: [], scope, counted: false, expiresAt: Number.POSITIVE_INFINITY };
    const comes = async (principal: Principal) => {
      seen.note(principal);
      await seen.flush();
      return (await seen.list({ ...everybody, name: principal.name }))[0];
    };
    expect(await comes(person("dora"))).toMatchObject({ source: "issuer", owner: undefined });
    expect(await comes(person("report", { issuer: "weir", owner }))).toMatchObject({ source: "configuration", owner });
    expect(await comes(person("nightly", { issuer: "weir", owner, grant }))).toMatchObject({ source: "database", owner });
    const token = { ...grant, id: "tok_1" };
    expect(await comes(person("dora", { grant: token }))).toMatchObject({ source: "issuer" });
    expect(await comes(person("nightly", { issuer: "weir", grant: { ...token, lineage: ["key_1"] } }))).toMatchObject({
      source: "database",
    });
  });

  it("takes names with characters that a database does not", async () => {
    seen.note(person("nul\0"));
    await seen.flush();
    expect((await seen.list(everybody)).map(({ subject }) => subject)).toContain("nul\ufffd");
  });
});
