import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { CredentialSealer, Declarations, DeclaredStore, type Wish } from "../../../src/declared/index.ts";
import { recordAuditEvent } from "../../../src/identity/index.ts";
import { openPool, type Pool } from "../../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const by = { issuer: "corp", subject: "root", name: "root" };
const encryptionKey = randomBytes(32);
const secret = `up-${randomBytes(24).toString("hex")}`;
const gpt: Wish = {
  kind: "connection",
  name: "gpt",
  document: { protocol: "openai", upstream: "https://api.example.com/v1" },
  credential: { header: "authorization", value: secret },
};
const policy = (name: string): Wish => ({ kind: "policy", name, document: { effect: "allow" }, credential: undefined });

let database: TestDatabase;
let pool: Pool;
let store: DeclaredStore;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  store = new DeclaredStore(pool, new CredentialSealer(encryptionKey));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => database.query("DELETE FROM weir.declared_objects"));

/** Whoever declares, with nothing to object to but what `check` does. */
const declaring = (check: () => Promise<void> = () => Promise.resolve()): Declarations =>
  new Declarations({ store, ofFile: () => [], check, record: recordAuditEvent, changed: () => undefined });

const names = async (): Promise<readonly string[]> => (await store.read()).objects.map(({ name }) => name);

describe("what is declared", () => {
  it("is kept with who declared it, under a revision that every change raises", async () => {
    const before = await store.revision();
    const created = await declaring().create(by, gpt);
    const updated = await declaring().update(by, { ...gpt, document: { ...gpt.document, timeouts: { total: "1m" } } }, created.revision);
    expect(updated.document).toEqual({ ...gpt.document, timeouts: { total: "1m" } });
    expect(Number(updated.revision)).toBeGreaterThan(Number(created.revision));
    expect(Number(await store.revision())).toBeGreaterThan(Number(before));
    expect((await store.read()).objects).toMatchObject([{ name: "gpt", updatedBy: "root" }]);
  });

  it("is nothing of when the check refuses it, or the audit log cannot be written", async () => {
    await expect(declaring(() => Promise.reject(new Error("no"))).create(by, gpt)).rejects.toThrow("no");
    const unrecorded = new Declarations({
      store,
      ofFile: () => [],
      check: () => Promise.resolve(),
      record: () => Promise.reject(new Error("the log is full")),
      changed: () => undefined,
    });
    await expect(unrecorded.apply(by, { wishes: [gpt, policy("p")], prune: false, dryRun: false })).rejects.toThrow("the log is full");
    expect(await names()).toEqual([]);
  });

  it("is checked again when somebody else was faster, and nobody's change is lost", async () => {
    let checks = 0;
    const overtaken = declaring(async () => {
      checks += 1;
      if (checks === 1) await declaring().create(by, policy("faster"));
    });
    await overtaken.create(by, policy("slower"));
    expect(checks).toBe(2);
    expect(await names()).toEqual(["faster", "slower"]);
  });

  it("is created once by however many try at the same time", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => declaring().create(by, policy("one"))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ reason: expect.stringMatching(/exists|stale/) });
  });
});

describe("how much is declared", () => {
  it("has a bound in number and in size", async () => {
    const many = Array.from({ length: 5_001 }, (_, index) => policy(`p${index}`));
    await expect(declaring().apply(by, { wishes: many, prune: false, dryRun: true })).rejects.toThrow("at most 5000 objects");
    const large = { ...policy("large"), document: { effect: "allow", prompts: { deny: ["a".repeat(17 * 1024 * 1024)] } } };
    await expect(declaring().create(by, large)).rejects.toThrow("at most 16777216 bytes");
    expect(await names()).toEqual([]);
  });
});

describe("a credential", () => {
  const moved = "UPDATE weir.declared_objects SET";

  it("is in the clear nowhere in the database, and opens where it belongs", async () => {
    await declaring().create(by, gpt);
    for (const table of ["declared_objects", "audit_events"]) {
      const { rows } = await database.query(`SELECT t::text AS row FROM weir.${table} t`);
      expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${secret}|${Buffer.from(secret).toString("hex")}`));
    }
    const { objects } = await store.read();
    expect(store.open(objects)[0]?.credential).toEqual(gpt.credential);
  });

  it.each([
    ["for another connection", `${moved} name = 'other'`],
    [
      "for another upstream, put there behind our back",
      `${moved} document = jsonb_set(document, '{upstream}', '"https://evil.example.com/v1"')`,
    ],
    ["once altered", `${moved} credential = set_byte(credential, 20, get_byte(credential, 20) # 1)`],
    ["cut short", `${moved} credential = substring(credential FROM 1 FOR 10)`],
  ])("does not open %s", async (_what, sql) => {
    await declaring().create(by, gpt);
    await database.query(sql);
    const { objects } = await store.read();
    expect(() => store.open(objects)).toThrow(/its credential was sealed for another connection or upstream, or has been altered/);
  });

  it("does not open under another encryptionKey", async () => {
    await declaring().create(by, gpt);
    const stranger = new DeclaredStore(pool, new CredentialSealer(randomBytes(32)));
    const { objects } = await stranger.read();
    expect(() => stranger.open(objects)).toThrow(/sealed under another encryptionKey/);
  });

  it("is sealed anew each time, so that equal ones do not show", async () => {
    await declaring().apply(by, { wishes: [gpt, { ...gpt, name: "gpt2" }], prune: false, dryRun: false });
    const { rows } = await database.query("SELECT count(DISTINCT substring(credential FROM 13)) AS different FROM weir.declared_objects");
    expect(rows).toEqual([{ different: "2" }]);
  });
});

describe("the role of the data path", () => {
  it("can neither set revisions nor rename objects, and other roles see nothing", async () => {
    await declaring().create(by, policy("p"));
    await expect(pool.query("UPDATE weir.declared_objects SET revision = 1")).rejects.toThrow("permission denied");
    await expect(pool.query("UPDATE weir.declared_objects SET name = 'q'")).rejects.toThrow("permission denied");
    await expect(pool.query("TRUNCATE weir.declared_objects")).rejects.toThrow("permission denied");
    for (const role of ["weir_writer", "weir_reader"] as const) {
      const others = openPool({ address: database.address, role, log: silentLog, max: 1 });
      await expect(others.query("SELECT FROM weir.declared_objects")).rejects.toThrow("permission denied");
      await others.end();
    }
  });
});
