import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type Approval, ApprovalDesk } from "../../../src/approvals/index.ts";
import type { ApprovalWish } from "../../../src/enforcement/index.ts";
import { ChangeFeed, openPool, type Pool } from "../../../src/store/index.ts";
import { outcome, security, wish, yes } from "../../support/approval-wishes.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const encryptionKey = randomBytes(32);
let database: TestDatabase;
let pool: Pool;
let feed: ChangeFeed;
let desk: ApprovalDesk;
let other: ApprovalDesk;
const opened: Approval[] = [];

const start = (rest: { readonly absenceMs?: number } = {}): ApprovalDesk =>
  new ApprovalDesk({ pool, feed, encryptionKey, opened: (approval) => opened.push(approval), ...rest });
/** One that withdraws at once what nobody waits for. */
const startImpatient = (): ApprovalDesk => start({ absenceMs: 0 });

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  feed = new ChangeFeed({ address: database.address, log: silentLog });
  [desk, other] = [start(), start()];
});
afterAll(async () => {
  await Promise.all([desk.stop(), other.stop()]);
  await feed.stop();
  await pool.end();
  await database.drop();
});
afterEach(async () => {
  opened.length = 0;
  await database.query("UPDATE weir.approvals SET state = 'expired' WHERE state IN ('pending', 'approved')");
});

const pending = async (): Promise<Approval> => {
  await expect.poll(() => opened.length).toBe(1);
  const [approval] = opened;
  if (approval === undefined) throw new Error("nothing is pending");
  return approval;
};

describe("a caller who does not wait", () => {
  const unwilling = (body: string, rest: Partial<ApprovalWish> = {}): ApprovalWish => {
    const wished = wish({ body, ...rest });
    return { ...wished, call: { ...wished.call, prefersNotToWait: true } };
  };
  const rulesUntil = (expires: number) => [{ policy: "careful", reasons: [], reviewers: { groups: ["security"], count: 1 }, expires }];

  it("keeps the entry though others who waited for it leave", async () => {
    const impatient = startImpatient();
    expect(await outcome(desk.settle(unwilling("deferred")))).toBe("approval_pending");
    const equal = wish({ body: "deferred" });
    const waiting = outcome(impatient.settle(equal));
    equal.leave.abort();
    expect(await waiting).toBe("cancelled");
    await impatient.sweep();
    expect(await outcome(other.settle(unwilling("deferred")))).toBe("approval_pending");
    expect(opened).toHaveLength(1);
    await impatient.stop();
  });

  it("is told once that nobody decided in time, and then may ask anew", async () => {
    const rules = rulesUntil(100);
    expect(await outcome(desk.settle(unwilling("undecided", { rules })))).toBe("approval_pending");
    const { id } = await pending();
    await expect
      .poll(async () => {
        await other.sweep();
        return (await desk.store.get(id))?.state;
      })
      .toBe("expired");
    expect(await outcome(other.settle(unwilling("undecided", { rules })))).toBe("approval_expired");
    expect(await outcome(other.settle(unwilling("undecided")))).toBe("approval_pending");
  });

  it("counts against what a caller may have waiting", async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, (_, turn) => outcome(desk.settle(unwilling(`many-${turn}`)))));
    expect(new Set(asked)).toEqual(new Set(["approval_pending"]));
    expect(await outcome(other.settle(unwilling("one more")))).toBe("quota_exceeded");
  });
});

describe("a decision", () => {
  it("not to let a request pass holds for equal ones as long as a yes would have", async () => {
    const waiting = outcome(desk.settle(wish({ body: "denied" })));
    const { id } = await pending();
    await desk.store.decide(id, security, { ...yes, verdict: "deny", reason: "no" });
    expect(await waiting).toBe("approval_denied");
    expect(await outcome(other.settle(wish({ body: "denied" })))).toBe("approval_denied");
    expect(opened).toHaveLength(1);
  });

  it("that comes after its time passes nothing, also where no sweep has been", async () => {
    const left = wish({ body: "stale" });
    const waiting = outcome(desk.settle(left));
    const { id } = await pending();
    left.leave.abort();
    await waiting;
    await desk.store.decide(id, security, yes);
    await database.query("UPDATE weir.approvals SET expires_at = now() WHERE id = $1", [id]);
    expect(await outcome(desk.settle(wish({ body: "stale" })))).toBe("approval_expired");
  });
});

describe("a wait", () => {
  it("ends with the caller's own deadline, and the request is withdrawn with it", async () => {
    const hurried = wish({ body: "hurried" });
    const call = { ...hurried.call, deadline: Date.now() + 50 };
    expect(await outcome(desk.settle({ ...hurried, call }))).toBe("upstream_timeout");
    const { id } = await pending();
    expect((await desk.store.get(id))?.leftAt).toBeDefined();
  });

  it("goes on where an equal one was left at another replica", async () => {
    const [staying, leaving] = [wish({ body: "shared" }), wish({ body: "shared" })];
    const impatient = startImpatient();
    const stayed = outcome(desk.settle(staying));
    const { id } = await pending();
    const left = outcome(impatient.settle(leaving));
    leaving.leave.abort();
    expect(await left).toBe("cancelled");
    expect((await desk.store.get(id))?.leftAt).toBeDefined();
    await desk.sweep();
    await impatient.sweep();
    await impatient.stop();
    await desk.store.decide(id, security, yes);
    expect(await stayed).toBe("passed");
  });
});
