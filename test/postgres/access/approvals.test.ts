import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type Approval, ApprovalDesk } from "../../../src/approvals/index.ts";
import type { ApprovalWish } from "../../../src/enforcement/index.ts";
import { ChangeFeed, openPool, type Pool } from "../../../src/store/index.ts";
import { outcome, second, security, wish, yes } from "../../support/approval-wishes.ts";
import { alone, cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";
import { makeRequest } from "../../support/recorded-call.ts";

const encryptionKey = randomBytes(32);
let database: TestDatabase;
let pool: Pool;
let desk: ApprovalDesk;
let other: ApprovalDesk;
const opened: Approval[] = [];

const feeds: ChangeFeed[] = [];

const newFeed = (): ChangeFeed => {
  const feed = new ChangeFeed({ address: database.address, log: silentLog });
  feeds.push(feed);
  return feed;
};

/** Subjects whose access has been taken away. */
const revoked = new Set<string>();

const start = (absenceMs?: number): ApprovalDesk =>
  new ApprovalDesk({
    pool,
    feed: newFeed(),
    encryptionKey,
    opened: (approval) => opened.push(approval),
    isRevoked: ({ subject }) => revoked.has(subject),
    ...(absenceMs === undefined ? {} : { absenceMs }),
  });

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  [desk, other] = [start(), start()];
});
afterAll(async () => {
  await Promise.all([desk.stop(), other.stop(), ...feeds.map((feed) => feed.stop())]);
  await pool.end();
  await database.drop();
});
afterEach(async () => {
  opened.length = 0;
  revoked.clear();
  await database.query("DELETE FROM weir.identities");
  await database.query("UPDATE weir.approvals SET state = 'expired' WHERE state IN ('pending', 'approved')");
});

const pending = async (count = 1): Promise<Approval> => {
  await expect.poll(() => opened.length).toBe(count);
  const approval = opened.at(-1);
  if (approval === undefined) throw new Error("nothing is pending");
  return approval;
};

describe("a request that waits", () => {
  it("passes with a person's yes given at another replica", async () => {
    const waiting = outcome(desk.settle(wish()));
    const { id } = await pending();
    await other.store.decide(id, security, yes);
    expect(await waiting).toBe("passed");
    expect((await desk.store.get(id))?.state).toBe("used");
  });

  it("is refused with the reviewer's words", async () => {
    const refused = expect(desk.settle(wish())).rejects.toMatchObject({
      reason: "approval_denied",
      message: expect.stringContaining("not this table"),
    });
    const { id } = await pending();
    await other.store.decide(id, security, { verdict: "deny", reason: "not this table", scope: undefined, also: alone });
    await refused;
  });

  it("expires when nobody decides in time", async () => {
    const rules = [{ policy: "careful", reasons: [], reviewers: { groups: ["security"], count: 1 }, expires: 50 }];
    expect(await outcome(desk.settle(wish({ rules })))).toBe("approval_expired");
  });

  it("shows reviewers its masked texts, sealed in the database, and what they cannot see", async () => {
    const waiting = outcome(desk.settle(wish()));
    const approval = await pending();
    const sealed = await desk.store.texts(approval.id);
    expect(sealed?.includes("export")).toBe(false);
    expect(desk.texts.open(approval.id, sealed ?? Buffer.alloc(0))).toEqual([
      { path: ["messages", 0, "content"], author: "user", text: "export [EMAIL]" },
    ]);
    expect(() => desk.texts.open("apr_another", sealed ?? Buffer.alloc(0))).toThrow();
    expect(approval.unseen).toEqual(["an image"]);
    expect(approval.rules).toEqual([{ policy: "careful", reasons: ['keyword "export"'], groups: ["security"], count: 1 }]);
    await desk.store.decide(approval.id, security, yes);
    await waiting;
  });

  it("that left may come back and pass, approved meanwhile, once", async () => {
    const first = wish({ body: "the same" });
    const gone = outcome(desk.settle(first));
    const { id } = await pending();
    first.leave.abort();
    expect(await gone).toBe("cancelled");
    await other.store.decide(id, security, yes);
    expect(await outcome(desk.settle(wish({ body: "the same" })))).toBe("passed");
    const again = wish({ body: "the same" });
    const waiting = outcome(desk.settle(again));
    await pending(2);
    again.leave.abort();
    expect(await waiting).toBe("cancelled");
  });

  it("is withdrawn when its caller stays away", async () => {
    const impatient = start(0);
    const left = wish();
    const gone = outcome(impatient.settle(left));
    const { id } = await pending();
    left.leave.abort();
    await gone;
    await expect
      .poll(async () => {
        await impatient.sweep();
        return (await impatient.store.get(id))?.state;
      })
      .toBe("withdrawn");
    await expect(impatient.store.decide(id, security, yes)).rejects.toThrow("withdrawn");
    await impatient.stop();
  });

  it("shares its entry with equal ones, of which one passes with each yes", async () => {
    const outcomes: string[] = [];
    const waiting = [desk, other, desk].map((each) => outcome(each.settle(wish({ body: "equal" }))).then((end) => outcomes.push(end)));
    for (let turn = 1; turn <= 3; turn++) {
      const { id } = await pending(turn);
      await expect.poll(async () => (await database.query("SELECT 1 FROM weir.approvals WHERE state = 'pending'")).rowCount).toBe(1);
      await desk.store.decide(id, security, yes);
      await expect.poll(() => outcomes.length).toBe(turn);
    }
    await Promise.all(waiting);
    expect(outcomes).toEqual(["passed", "passed", "passed"]);
  });

  it("cannot be one of too many of the same caller", async () => {
    const waits = Array.from({ length: 20 }, () => wish());
    const ends = waits.map((each) => outcome(desk.settle(each)));
    expect(await outcome(desk.settle(wish()))).toBe("quota_exceeded");
    await pending(20);
    for (const each of waits) each.leave.abort();
    expect(new Set(await Promise.all(ends))).toEqual(new Set(["cancelled"]));
  });
});

/** Puts somebody into the directory, as seen a moment from now. */
const seen = (subject: string, { email = null, groups = ["security"] }: { email?: string | null; groups?: string[] }): Promise<unknown> =>
  database.query(
    `INSERT INTO weir.identities (issuer, subject, kind, name, email, groups, first_seen, last_seen)
     VALUES ($1, $2, 'human', $2, $3, $4, now(), now() + interval '1 minute')`,
    [subject.startsWith("00u") ? makeRequest([]).principal.issuer : "corp", subject, email, groups],
  );

describe("a reviewer", () => {
  const { principal } = makeRequest([]);
  const { issuer, subject } = principal;

  it("is not the caller by another account with the caller's address, nor a service of the caller, nor another service of one owner", async () => {
    const waiting = outcome(desk.settle(wish({ principal: { ...principal, owner: { issuer: "corp", subject: "erin" } } })));
    const { id } = await pending();
    await seen(subject, { email: "Alice@Example.com" });
    await expect(desk.store.decide(id, { ...security, email: "alice@example.com" }, yes)).rejects.toThrow("their own request");
    await expect(desk.store.decide(id, { ...security, owner: { issuer, subject } }, yes)).rejects.toThrow("that they own");
    await expect(desk.store.decide(id, { ...security, owner: { issuer: "corp", subject: "erin" } }, yes)).rejects.toThrow("that they own");
    await seen("erin", { email: "erin@example.com" });
    await expect(desk.store.decide(id, { ...security, email: "erin@example.com" }, yes)).rejects.toThrow("that they own");
    await desk.store.decide(id, security, yes);
    expect(await waiting).toBe("passed");
  });

  it("counts once, whatever the number of accounts", async () => {
    const rules = [{ policy: "two", reasons: [], reviewers: { groups: ["security"], count: 2 }, expires: 60_000 }];
    const asked = wish({ rules });
    const waiting = outcome(desk.settle(asked));
    const { id } = await pending();
    await seen("carol", { email: "carol@example.com" });
    await seen("dave", { email: "carol@example.com" });
    expect((await desk.store.decide(id, security, yes)).state).toBe("pending");
    expect((await desk.store.decide(id, second, yes)).state).toBe("pending");
    asked.leave.abort();
    expect(await waiting).toBe("cancelled");
  });

  it.each<[string, () => unknown]>([
    ["has lost their access", () => revoked.add("carol")],
    ["has left the group", () => seen("carol", { groups: ["analysts"] })],
  ])("has said nothing who %s before the request comes for its yes", async (_what, leave) => {
    const asked = wish({ body: "late" });
    const waiting = outcome(desk.settle(asked));
    const { id } = await pending();
    asked.leave.abort();
    await waiting;
    await desk.store.decide(id, security, yes);
    await leave();
    const { call, signal } = wish();
    expect(await outcome(desk.settle({ ...asked, call, signal }))).toBe("approval_expired");
    expect((await desk.store.get(id))?.state).toBe("expired");
  });

  it("who has lost their access covers nothing with a yes for a time", async () => {
    const first = outcome(desk.settle(wish()));
    const { id } = await pending();
    await desk.store.decide(id, security, { ...yes, scope: { id: "aps_lost", until: new Date(Date.now() + 60_000) } });
    expect(await first).toBe("passed");
    revoked.add("carol");
    const next = wish();
    const held = outcome(desk.settle(next));
    await pending(2);
    next.leave.abort();
    expect(await held).toBe("cancelled");
    await database.query("DELETE FROM weir.approval_scopes");
  });

  it("is not flooded by a caller who asks and leaves", async () => {
    for (let turn = 1; turn <= 20; turn++) {
      const asked = wish();
      const held = outcome(desk.settle(asked));
      await pending(turn);
      asked.leave.abort();
      await held;
    }
    expect(await outcome(desk.settle(wish()))).toBe("quota_exceeded");
    expect(opened).toHaveLength(20);
  });
});

describe("a yes", () => {
  it.each<[string, (base: ApprovalWish) => Partial<ApprovalWish>]>([
    ["one byte of the request", ({ exact }) => ({ exact: [...exact.slice(0, -1), `${exact.at(-1)}.`] })],
    ["where a part ends", ({ exact }) => ({ exact: ["POST/v1/chat", "/completions", ...exact.slice(2)] })],
    ["the caller", ({ principal }) => ({ principal: { ...principal, subject: "mallory" } })],
    ["the connection's revision", ({ connection }) => ({ connection: { ...connection, revision: "2" } })],
    ["the model", () => ({ model: "gpt-5" })],
    ["the policies", () => ({ policyRevision: "8" })],
  ])("is for nothing else: another changes %s", async (_what, change) => {
    const base = wish({ body: "bound" });
    const waiting = outcome(desk.settle(base));
    const { id } = await pending();
    base.leave.abort();
    await waiting;
    await desk.store.decide(id, security, yes);
    const { call, signal } = wish();
    const changed = wish({ ...base, ...change(base), call, signal });
    const refused = outcome(desk.settle(changed));
    expect((await pending(2)).id).not.toBe(id);
    await database.query("UPDATE weir.approvals SET state = 'withdrawn' WHERE state = 'pending'");
    await desk.refresh();
    expect(await refused).toBe("approval_expired");
  });

  it("is nobody's for their own request, nor for one of a service that they own, nor that of somebody who is no reviewer", async () => {
    const { principal } = makeRequest([]);
    const owned = wish({ principal: { ...principal, owner: { issuer: security.issuer, subject: security.subject } } });
    const waiting = outcome(desk.settle(owned));
    const approval = await pending();
    const { id } = approval;
    const own = { ...security, issuer: principal.issuer, subject: principal.subject };
    await expect(desk.store.decide(id, own, yes)).rejects.toThrow("their own request");
    await expect(desk.store.decide(id, security, yes)).rejects.toThrow("service that they own");
    await expect(desk.store.decide(id, { ...second, groups: ["analysts"] }, yes)).rejects.toThrow("No policy");
    expect(await desk.store.whyNot(approval, own)).toContain("their own request");
    expect(await desk.store.whyNot(approval, security)).toContain("service that they own");
    expect(await desk.store.whyNot(approval, second)).toBeUndefined();
    await desk.store.decide(id, second, yes);
    expect(await waiting).toBe("passed");
  });

  it("of as many people as each rule wants is needed, each of whom counts once", async () => {
    const rules = [
      { policy: "two", reasons: [], reviewers: { groups: ["security"], count: 2 }, expires: 60_000 },
      { policy: "legal", reasons: [], reviewers: { groups: ["legal"], count: 1 }, expires: 60_000 },
    ];
    const waiting = outcome(desk.settle(wish({ rules })));
    const { id } = await pending();
    expect((await desk.store.decide(id, security, yes)).state).toBe("pending");
    await expect(desk.store.decide(id, security, yes)).rejects.toThrow("already");
    expect((await desk.store.decide(id, second, yes)).state).toBe("pending");
    expect((await desk.store.decide(id, { ...second, subject: "erin", groups: ["legal"] }, yes)).state).toBe("approved");
    expect(await waiting).toBe("passed");
  });

  it("for a time lets equal calls pass until then, and no others", async () => {
    const first = outcome(desk.settle(wish()));
    const { id } = await pending();
    await desk.store.decide(id, security, { ...yes, scope: { id: "aps_1", until: new Date(Date.now() + 60_000) } });
    expect(await first).toBe("passed");
    expect(await outcome(other.settle(wish()))).toBe("passed");
    const elsewhere = wish({ model: "gpt-5" });
    const held = outcome(desk.settle(elsewhere));
    await pending(2);
    elsewhere.leave.abort();
    expect(await held).toBe("cancelled");
  });

  it("is used once, whatever the number of replicas that try", async () => {
    const left = wish({ body: "raced", model: "another" });
    const waiting = outcome(desk.settle(left));
    const { id } = await pending();
    left.leave.abort();
    await waiting;
    await desk.store.decide(id, security, yes);
    const tries = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? desk : other).store.use(id)));
    expect(tries.filter(Boolean)).toHaveLength(1);
  });
});

describe("without the database", () => {
  it("nothing that needs a yes passes", async () => {
    const away = openPool({ address: { ...database.address, database: "no_such_database" }, role: "weir_access", log: silentLog });
    const lost = new ApprovalDesk({ pool: away, feed: newFeed(), encryptionKey });
    expect(await outcome(lost.settle(wish()))).toBe("approvals_unavailable");
    await lost.stop();
    await away.end();
  });
});
