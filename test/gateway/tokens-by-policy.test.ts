import { randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import {
  allowInsecureRequests,
  ClientSecretBasic,
  type Configuration,
  clientCredentialsGrant,
  discovery,
  genericGrantRequest,
  None,
  ResponseBodyError,
} from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { IdentityService } from "../../src/gen/weir/v1/identity_pb.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { onlyPending } from "../support/held/only-pending.ts";
import { type Reviewing, reviewingAt } from "../support/held/reviewing.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { managing } from "../support/management.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const idToken = "urn:ietf:params:oauth:token-type:id_token";
const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { REPORTER: newKey(), REVIEWER: newKey(), ADMIN: newKey() };

let upstream: ScriptedUpstream;
let issuer: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;
let client: Configuration;

beforeAll(async () => {
  [upstream, issuer, database] = await Promise.all([ScriptedUpstream.start(), startIssuer(), cloneDatabase(inject("postgres"))]);
  upstream.script = json(chatAnswer("hello"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform], reviewer: [security] }
issuers: [{ name: corp, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [analysts] }]
identities:
  - { name: reporter, kind: service, groups: [reporters], apiKey: "\${env:REPORTER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", route: { models: ["gpt-*"] } }
  - { name: local, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", route: { models: ["local-*"] } }
policies:
  - { name: analysts, match: { groups: [analysts] }, effect: allow, tokens: { lifetime: 30m } }
  - { name: local, match: { groups: [analysts], connections: [local] }, effect: allow, tokens: { lifetime: 5m } }
  - name: largest
    match: { groups: [analysts], models: ["gpt-5*"] }
    effect: allow
    tokens: { approval: { reviewers: { groups: [security] }, expires: 30s } }
  - { name: reporters, match: { groups: [reporters] }, effect: allow, tokens: { lifetime: 8h } }
`,
    env: keys,
    database: database.address,
  });
  client = await discovery(new URL(gateway.url), "reporter", undefined, None(), { algorithm: "oauth2", execute: [allowInsecureRequests] });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), issuer.away()]);
});
afterEach(() => database.query("UPDATE weir.approvals SET state = 'expired' WHERE state IN ('pending', 'approved')"));

const reviewer = (): Reviewing => reviewingAt(gateway.adminUrl, keys.REVIEWER);

const exchanged = async (parameters: Record<string, string>, sub = "alice") =>
  genericGrantRequest(client, exchange, { subject_token: await issuer.sign({ sub }), subject_token_type: idToken, ...parameters });

const pendingId = (): Promise<string> => onlyPending(reviewer());

const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

const ask = async (token: string, model: string): Promise<number> => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
  });
  return response.status;
};

const small = "connection:gpt model:gpt-4o";
const large = "connection:gpt model:gpt-5";

describe("how long a token lives", () => {
  it("is fifteen minutes where nobody asks for more, and what the policies that it would reach allow where somebody does", async () => {
    expect((await exchanged({ scope: small })).expires_in).toBe(15 * 60);
    expect((await exchanged({ scope: small, expires_in: "86400" })).expires_in).toBe(30 * 60);
    expect((await exchanged({ scope: "connection:local model:local-1", expires_in: "86400" })).expires_in).toBe(5 * 60);
  });

  it("may be longer than an hour where a policy says so", async () => {
    const service = await discovery(new URL(gateway.url), "reporter", undefined, ClientSecretBasic(keys.REPORTER), {
      algorithm: "oauth2",
      execute: [allowInsecureRequests],
    });
    expect((await clientCredentialsGrant(service, { expires_in: "86400" })).expires_in).toBe(8 * 60 * 60);
    expect((await clientCredentialsGrant(service)).expires_in).toBe(15 * 60);
  });

  it("is never more than is left of the token that it was exchanged for", async () => {
    const first = await exchanged({ scope: small, expires_in: "60" });
    const again = await genericGrantRequest(client, exchange, {
      subject_token: first.access_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      expires_in: "1800",
    });
    expect(again.expires_in).toBeLessThanOrEqual(60);
  });
});

describe("a token that a person must agree to", () => {
  it("is handed out once a reviewer does, who has seen who wants it, for what and for how long", async () => {
    const waiting = exchanged({ scope: large, expires_in: "600", requests: "3" });
    const id = await pendingId();
    const { approval, texts } = await reviewer().getApproval({ id });
    expect(approval).toMatchObject({ caller: { name: "alice" }, operation: "token.issue", rules: [{ policy: "largest" }] });
    expect(texts.map(({ text }) => text)).toEqual(["A token for connection:gpt model:gpt-5, good for 600 seconds, for 3 requests."]);
    await reviewer().approveRequest({ id });
    const { access_token, expires_in } = await waiting;
    expect(expires_in).toBe(600);
    expect(await ask(access_token, "gpt-5")).toBe(200);
  });

  it("is not one that reaches nothing of what the policy is about, and such a token reaches none of it", async () => {
    const { access_token } = await exchanged({ scope: small });
    expect(await ask(access_token, "gpt-4o")).toBe(200);
    expect(await ask(access_token, "gpt-5")).toBe(403);
  });

  it.each([
    ["nothing", ""],
    ["a glob", "model:gpt*"],
    ["another connection as well", "connection:gpt connection:local"],
  ])("is also one whose scope says %s and so reaches it", async (_, scope) => {
    const waiting = failed(exchanged(scope === "" ? {} : { scope }));
    await reviewer().denyRequest({ id: await pendingId(), reason: "no" });
    expect(await waiting).toMatchObject({ error: "access_denied" });
  });

  it("is denied with the reviewer's words", async () => {
    const waiting = failed(exchanged({ scope: large }));
    await reviewer().denyRequest({ id: await pendingId(), reason: "not without a ticket" });
    const error = await waiting;
    expect(error).toBeInstanceOf(ResponseBodyError);
    expect(error).toMatchObject({
      status: 400,
      error: "access_denied",
      error_description: expect.stringContaining("not without a ticket"),
    });
  });

  it("is for one token: the next one waits anew, and so does one that lives longer", async () => {
    const waiting = exchanged({ scope: large, expires_in: "60" });
    await reviewer().approveRequest({ id: await pendingId() });
    await waiting;
    for (const expires_in of ["60", "61"]) {
      const next = failed(exchanged({ scope: large, expires_in }));
      await reviewer().denyRequest({ id: await pendingId(), reason: "" });
      expect(await next).toMatchObject({ error: "access_denied" });
    }
  });

  it("is handed to a client that lost its connection and asks again", async () => {
    const leave = new AbortController();
    const body = async (): Promise<URLSearchParams> =>
      new URLSearchParams({
        grant_type: exchange,
        subject_token: await issuer.sign({ sub: "bob" }),
        subject_token_type: idToken,
        scope: large,
      });
    const lost = failed(fetch(`${gateway.url}/oauth/token`, { method: "POST", body: await body(), signal: leave.signal }));
    const id = await pendingId();
    leave.abort();
    await lost;
    await reviewer().approveRequest({ id });
    const answer = await fetch(`${gateway.url}/oauth/token`, { method: "POST", body: await body() });
    expect(answer.status).toBe(200);
  });

  it("is not handed to an identity that was disabled while it waited", async () => {
    const waiting = failed(exchanged({ scope: large }, "mallory"));
    await pendingId();
    await managing(IdentityService, { adminUrl: gateway.adminUrl, key: keys.ADMIN }).disableIdentity({
      key: { issuer: "corp", subject: "mallory" },
      reason: "left",
    });
    expect(await waiting).toMatchObject({ error: "invalid_grant" });
  });

  it("makes weir token exchange say that it waits", async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const said: string[] = [];
    stderr.on("data", (piece: Buffer) => said.push(piece.toString()));
    const subject = await issuer.sign({ sub: "alice" });
    const scope = ["--connection", "gpt", "--model", "gpt-5", "--lifetime", "7m"];
    const running = runCommandLine(["token", "exchange", "--url", gateway.url, "--token", subject, ...scope], {
      stdin: Readable.from([]),
      stdout,
      stderr,
    });
    const id = await pendingId();
    await expect.poll(() => said.join(""), { timeout: 10_000 }).toContain("Waiting: a person may have to agree");
    await reviewer().approveRequest({ id });
    expect(await running).toBe(0);
    expect(String(stdout.read())).toMatch(/^weirt_/);
  });
});
