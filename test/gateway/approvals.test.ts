import { randomBytes } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { ApprovalState } from "../../src/gen/weir/v1/approval_pb.ts";
import { type SessionDecision, SessionService } from "../../src/gen/weir/v1/session_pb.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { onlyPending } from "../support/held/only-pending.ts";
import { type Reviewing, reviewingAt } from "../support/held/reviewing.ts";
import { managing, refusalOf } from "../support/management.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { CALLER: newKey(), REVIEWER: newKey(), OUTSIDER: newKey(), ADMIN: newKey() };

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform], reviewer: [security, analysts, legal] }
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER}" }
  - { name: lena, kind: human, groups: [legal], apiKey: "\${env:OUTSIDER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
policies:
  - name: careful
    match: { groups: [analysts] }
    effect: allow
    approval: { when: { keywords: [export] }, reviewers: { groups: [security, analysts] }, expires: 30s }
    mask: { request: [pii] }
`,
    env: keys,
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close()]);
});
beforeEach(() => {
  upstream.calls.length = 0;
  upstream.script = json(chatAnswer("done"));
});

const reviewing = (key: string): Reviewing => reviewingAt(gateway.adminUrl, key);

/** What the record says of the decision about a call that was answered; it is there shortly after the answer. */
const recorded = async (response: Response): Promise<SessionDecision | undefined> => {
  const sessions = managing(SessionService, { adminUrl: gateway.adminUrl, key: keys.ADMIN });
  const id = response.headers.get("x-request-id") ?? "";
  await expect.poll(() => codeOf(sessions.getSession({ id })), { timeout: 10_000 }).toBeUndefined();
  return (await sessions.getSession({ id })).decision;
};

const ask = (content: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.CALLER}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content }] }),
  });

const pendingId = (): Promise<string> => onlyPending(reviewing(keys.REVIEWER));

const codeOf = (call: Promise<unknown>): Promise<Code | undefined> =>
  call.then(
    () => undefined,
    (thrown: unknown) => ConnectError.from(thrown).code,
  );

describe("a call that a policy wants a person's yes for", () => {
  it("reaches the upstream once a reviewer agrees, who has seen it masked with the reason", async () => {
    const answering = ask("please export the list to jane.doe@example.com");
    const id = await pendingId();
    expect(upstream.calls).toHaveLength(0);
    const { approval, texts } = await reviewing(keys.REVIEWER).getApproval({ id });
    expect(approval?.rules).toMatchObject([{ policy: "careful", reasons: ['keyword "export"'] }]);
    expect(texts.map(({ text }) => text)).toEqual(["please export the list to [EMAIL]"]);
    await reviewing(keys.REVIEWER).approveRequest({ id });
    const response = await answering;
    expect(response.status).toBe(200);
    expect(upstream.calls).toHaveLength(1);
    expect(upstream.calls[0]?.body.toString()).toContain("[EMAIL]");
    expect((await recorded(response))?.consents).toMatchObject([
      { approval: id, forTime: false, reviewers: [{ issuer: "weir", name: "carol" }] },
    ]);
  });

  it("goes through with what was agreed to for a time, and the record says which yes that was", async () => {
    const answering = ask("export the first");
    const id = await pendingId();
    await reviewing(keys.REVIEWER).approveRequest({ id, scope: durationFromMs(60_000) });
    await answering;
    const response = await ask("export the second");
    expect((await recorded(response))?.consents).toMatchObject([{ approval: id, forTime: true, reviewers: [{ name: "carol" }] }]);
    await database.query("DELETE FROM weir.approval_scopes");
  });

  it("goes through without one where nothing asks", async () => {
    const response = await ask("hello");
    expect(response.status).toBe(200);
    expect((await recorded(response))?.consents).toEqual([]);
  });

  it("is refused with the reviewer's words, as an error that the SDK types and does not retry", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: keys.CALLER });
    const asking = client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "export it" }] });
    const refused = asking.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await reviewing(keys.REVIEWER).denyRequest({ id: await pendingId(), reason: "not without a ticket" });
    const error = await refused;
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error).toMatchObject({ code: "approval_denied", message: expect.stringContaining("not without a ticket") });
    expect(upstream.calls).toHaveLength(0);
  });

  it("is not decided by its caller, nor by somebody without the role, and is not shown to them", async () => {
    const answering = ask("export mine");
    const id = await pendingId();
    expect(await codeOf(reviewing(keys.CALLER).approveRequest({ id }))).toBe(Code.FailedPrecondition);
    expect(await codeOf(reviewing(keys.ADMIN).approveRequest({ id }))).toBe(Code.PermissionDenied);
    expect(await codeOf(reviewing(keys.ADMIN).getApproval({ id }))).toBe(Code.PermissionDenied);
    await reviewing(keys.REVIEWER).denyRequest({ id, reason: "" });
    const response = await answering;
    expect(response.status).toBe(403);
    expect((await recorded(response))?.note).toBe(`approval ${id}`);
  });

  it("is shown with its texts and votes to those only who may decide on it, also when it is over", async () => {
    const answering = ask("export theirs");
    const id = await pendingId();
    const refused = async (key: string) => (await refusalOf(reviewing(key).getApproval({ id })))[1];
    const unnamed = "No policy that asks names you as a reviewer.";
    const own = "Nobody decides on their own request.";
    for (const step of ["pending", "denied"]) {
      expect(await codeOf(reviewing(keys.OUTSIDER).getApproval({ id })), step).toBe(Code.PermissionDenied);
      expect([await refused(keys.OUTSIDER), await refused(keys.CALLER)], step).toEqual([unnamed, own]);
      expect((await reviewing(keys.REVIEWER).getApproval({ id })).texts, step).toHaveLength(1);
      if (step === "pending") await reviewing(keys.REVIEWER).denyRequest({ id, reason: "" });
    }
    expect((await answering).status).toBe(403);
    const { rows } = await database.query("SELECT DISTINCT name FROM weir.audit_events WHERE action = 'approval.read' AND object = $1", [
      id,
    ]);
    expect(rows).toEqual([{ name: "carol" }]);
  });

  it("may be decided once", async () => {
    const answering = ask("export once");
    const id = await pendingId();
    await reviewing(keys.REVIEWER).approveRequest({ id });
    expect((await answering).status).toBe(200);
    expect(await codeOf(reviewing(keys.REVIEWER).approveRequest({ id }))).toBe(Code.FailedPrecondition);
  });

  it("is told of to whoever watches, as it is opened and as it ends", async () => {
    const leave = new AbortController();
    const states: ApprovalState[] = [];
    const watching = (async () => {
      for await (const { approval } of reviewing(keys.REVIEWER).watchApprovals({}, { signal: leave.signal }))
        states.push(approval?.state ?? ApprovalState.UNSPECIFIED);
    })().catch(() => undefined);
    const answering = ask("export watched");
    await expect.poll(() => states).toEqual([ApprovalState.PENDING]);
    await reviewing(keys.REVIEWER).approveRequest({ id: await pendingId() });
    await answering;
    await expect.poll(() => states.at(-1)).toBe(ApprovalState.USED);
    leave.abort();
    await watching;
  });

  it("is written down: who agreed, and that the call waited", async () => {
    const { rows } = await database.query("SELECT DISTINCT action, name FROM weir.audit_events ORDER BY action");
    expect(rows).toEqual([
      { action: "approval.approve", name: "carol" },
      { action: "approval.deny", name: "carol" },
      { action: "approval.read", name: "carol" },
    ]);
  });
});
