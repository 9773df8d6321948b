import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { bearing } from "../support/attacked-gateway.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { chatAnswer, chatStream, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { CALLER: newKey(), ROOT: newKey() };
const secret = `whsec_${randomBytes(24).toString("base64")}`;
const awsKey = "AKIAQ3EGRIJ5KZT7XW2M";

interface Told {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly sentence: string };
}

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
  response.writeHead(204).end();
});

let upstream: ScriptedUpstream;
let issuer: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;

const patience = { timeout: 10_000 };
const events = "[approval.opened, call.blocked, credential.masked, credential.revoked_used, access.changed, configuration.changed]";

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  [upstream, issuer, database] = await Promise.all([ScriptedUpstream.start(), startIssuer(), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform] }
issuers: [{ name: corp, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [analysts] }]
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ROOT}" }
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
notifications:
  - { name: hook, kind: webhook, url: "\${env:HOOK}", secret: "\${env:SECRET}", events: ${events} }
  - { name: channel, kind: slack, url: "\${env:SLACK}", events: ${events} }
policies:
  - name: analysts
    match: { groups: [analysts] }
    effect: allow
    prompts: { deny: ["open sesame"] }
    answers: { deny: ["project zeus"] }
    approval: { when: { keywords: [export] }, reviewers: { groups: [platform] }, expires: 30s }
    mask: { request: [credentials], response: [credentials, contact] }
`,
    env: { ...keys, HOOK: `${address}/hook`, SLACK: `${address}/slack`, SECRET: secret },
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), issuer.away()]);
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(() => {
  received.length = 0;
  upstream.script = json(chatAnswer("done"));
});

const ask = (content: string, credential = keys.CALLER, stream = false): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(credential) },
    body: JSON.stringify({ model: "gpt-4o", stream, messages: [{ role: "user", content }] }),
  });

const admin = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`${gateway.adminUrl}/weir.v1.${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(keys.ROOT) },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBe(200);
};

/** What the webhook got, each verified by a receiver's own library. */
const told = (): Told[] =>
  received
    .filter(({ path }) => path === "/hook")
    .map(({ headers, body }) => new Webhook(secret).verify(body, headers as Record<string, string>) as Told);

/** Waits for one event of a type; Slack must hear the same sentence. */
const heard = async (type: string): Promise<Told> => {
  await expect.poll(() => told().map((event) => event.type), patience).toContain(type);
  const event = told().find((each) => each.type === type);
  if (event === undefined) throw new Error("it is gone");
  const sentence = JSON.stringify(event.data.sentence).slice(1, -1);
  await expect
    .poll(
      () =>
        received
          .filter(({ path }) => path === "/slack")
          .map(({ body }) => body)
          .join(),
      patience,
    )
    .toContain(sentence);
  return event;
};

describe("people are told", () => {
  it("of a prompt that was blocked, by whom and by which rule, and not what it said", async () => {
    const answer = await ask("open sesame, says the password hunter2");
    expect(answer.status).toBe(403);
    const { data } = await heard("call.blocked");
    expect(data).toMatchObject({ reason: "prompt_blocked", caller: "weir/caller", session: answer.headers.get("x-request-id"), count: 1 });
    expect(JSON.stringify(received)).not.toMatch(/sesame|hunter2/);
  });

  it("of an answer that was blocked, and not what it said", async () => {
    upstream.script = json(chatAnswer("all about project zeus"));
    expect((await ask("hello")).status).toBe(403);
    const { data } = await heard("call.blocked");
    expect(data).toMatchObject({ reason: "response_blocked", caller: "weir/caller", connection: "gpt" });
    expect(JSON.stringify(received)).not.toContain("zeus");
  });

  it("of a configuration that somebody changed, and what of it", async () => {
    const document = { match: { groups: ["nobody"] }, effect: "deny" };
    await admin("PolicyService/CreatePolicy", { name: "closed", document });
    const { data } = await heard("configuration.changed");
    expect(data).toMatchObject({ by: "root", changes: [expect.stringContaining("closed")], policyRevision: expect.any(String) });
  });

  it("once of what a caller does again and again, with how often", async () => {
    for (let turn = 0; turn < 20; turn++) expect((await ask("open sesame")).status).toBe(403);
    await admin("IdentityService/CreateServiceIdentity", { identity: { name: "marker", kind: "service" } });
    await heard("access.changed");
    expect(told().filter(({ type }) => type === "call.blocked")).toEqual([]);
  });

  it("of a credential that was masked in an answer, once for a busy stream of them, and never what it was", async () => {
    upstream.script = pieces(chatStream(["the key is AKIAQ3EG", "RIJ5KZT7XW2M, write to jane@qzvkwj.example"]));
    const answer = await ask("hello", keys.CALLER, true);
    expect(await answer.text()).not.toContain(awsKey);
    const { data } = await heard("credential.masked");
    expect(data).toMatchObject({
      session: answer.headers.get("x-request-id"),
      caller: "weir/caller",
      connection: "gpt",
      detectors: [{ direction: "response", detector: expect.stringContaining("aws") }],
      count: 1,
    });
    for (let turn = 0; turn < 10; turn++) await (await ask("hello", keys.CALLER, true)).text();
    upstream.script = json(chatAnswer("done"));
    await (await ask(`my key is ${awsKey}`)).text();
    await expect.poll(() => told().filter(({ type }) => type === "credential.masked"), patience).toHaveLength(2);
    expect(told().at(-1)?.data.detectors).toMatchObject([{ direction: "request" }]);
    expect(JSON.stringify(received)).not.toMatch(/AKIA|qzvkwj/);
  });

  it("of a freeze in words of its own, and of what is given back", async () => {
    await admin("TokenService/Revoke", { what: { connection: "gpt" }, reason: "a leak" });
    const { data } = await heard("access.changed");
    expect(data.sentence).toBe("root froze the connection gpt: no call passes over it until somebody gives it back.");
    expect((await ask("hello")).status).toBe(401);
    received.length = 0;
    await admin("TokenService/Restore", { what: { connection: "gpt" } });
    expect((await heard("access.changed")).data.sentence).toContain("gave the connection gpt back");
  });

  it("of changes only that stand", async () => {
    const disable = (subject: string) => admin("IdentityService/DisableIdentity", { key: { issuer: "corp", subject } });
    await database.query("REVOKE INSERT ON weir.audit_events FROM weir_access");
    await expect(disable("not-disabled")).rejects.toThrow("internal");
    await database.query("GRANT INSERT ON weir.audit_events TO weir_access");
    await disable("disabled");
    await heard("access.changed");
    const changes = told().filter(({ type }) => type === "access.changed");
    expect(changes.map(({ data }) => data.object)).toEqual(["corp/disabled"]);
  });

  it("of a revoked credential that is used, at whichever door, and whose it was", async () => {
    await admin("IdentityService/DisableIdentity", { key: { issuer: "corp", subject: "mallory" } });
    await admin("IdentityService/DisableIdentity", { key: { issuer: "corp", subject: "eve" } });
    await admin("IdentityService/DisableIdentity", { key: { issuer: "corp", subject: "trent" } });
    received.length = 0;
    expect((await ask("hello", await issuer.sign({ sub: "mallory" }))).status).toBe(401);
    expect((await heard("credential.revoked_used")).data).toMatchObject({ caller: "corp/mallory", session: expect.any(String) });
    received.length = 0;
    const asked = await fetch(`${gateway.adminUrl}/weir.v1.SessionService/ListSessions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearing(await issuer.sign({ sub: "eve" })) },
      body: "{}",
    });
    expect(asked.status).toBe(401);
    expect((await heard("credential.revoked_used")).data).toMatchObject({ caller: "corp/eve", door: "the management API" });
    received.length = 0;
    const subject_token = await issuer.sign({ sub: "trent" });
    const grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    const subject_token_type = "urn:ietf:params:oauth:token-type:jwt";
    const body = new URLSearchParams({ grant_type, subject_token, subject_token_type });
    expect((await fetch(`${gateway.url}/oauth/token`, { method: "POST", body })).status).toBe(400);
    const { data } = await heard("credential.revoked_used");
    expect(data).toMatchObject({ caller: "corp/trent", door: "a token endpoint" });
    expect(JSON.stringify(received)).not.toContain(subject_token);
  });

  it("of an approval that somebody waits for", async () => {
    const leave = new AbortController();
    const waiting = fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      signal: leave.signal,
      headers: { "content-type": "application/json", ...bearing(keys.CALLER) },
      body: JSON.stringify({ model: "<!channel>", messages: [{ role: "user", content: "export it" }] }),
    }).catch(() => undefined);
    expect((await heardEscaped("approval.opened")).data).toMatchObject({ caller: "caller", connection: "gpt" });
    leave.abort();
    await waiting;
  });
});

/** As {@link heard}, where Slack's copy is escaped: what a caller chose must not be a mention of everybody. */
const heardEscaped = async (type: string): Promise<Told> => {
  await expect.poll(() => told().map((event) => event.type), patience).toContain(type);
  const slack = () =>
    received
      .filter(({ path }) => path === "/slack")
      .map(({ body }) => body)
      .join();
  await expect.poll(slack, patience).toContain("&lt;!channel&gt;");
  expect(slack()).not.toContain("<!channel>");
  const event = told().find((each) => each.type === type);
  if (event === undefined) throw new Error("it is gone");
  return event;
};
