import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Reason, rulings } from "../../src/envelope/error.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { audience, startIssuer, type TestIssuer } from "../support/issuer.ts";
import { chatAnswer, json, rawBytes, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const outsiderKey = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let issuer: TestIssuer;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  issuer = await startIssuer();
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
issuers:
  - { name: corp, issuer: "${issuer.url}", audience: ${audience}, algorithms: [RS256], groups: [staff] }
identities:
  - { name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }
  - { name: outsider, kind: service, groups: [nobodies], apiKey: "\${env:OUTSIDER_KEY}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", timeouts: { firstByte: 500ms } }
policies:
  - name: testers
    match: { groups: [testers, staff], models: ["gpt-*"] }
    effect: allow
    limits: { promptTokens: 50 }
    prompts: { deny: ["(?i)open sesame"] }
    mask: { response: [credentials] }
  - name: never
    match: { models: [gpt-forbidden] }
    effect: deny
`,
    env: { TEST_KEY: key, OUTSIDER_KEY: outsiderKey },
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await issuer.away();
  await database.drop();
  await upstream.close();
});

interface Asked {
  readonly model?: string;
  readonly content?: string;
  readonly credential?: string | undefined;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const ask = ({
  model = "gpt-4o",
  content = "hello",
  credential = key,
  path = "chat/completions",
  headers = {},
}: Asked = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(credential === "" ? {} : { authorization: `Bearer ${credential}` }), ...headers },
    body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
  });

interface Recorded {
  readonly outcome: string;
  readonly reason: string | null;
}

/** The end that the record has of a session, once it is shipped. */
const recorded = async (session: string): Promise<Recorded | undefined> => {
  for (let look = 0; look < 100; look++) {
    const { rows } = await database.query("SELECT outcome, reason FROM weir.session_ends WHERE session_id = $1", [session]);
    if (rows.length > 0) return rows[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
};

const expectRefusal = async (answer: Response, reason: Reason): Promise<void> => {
  const ruling = rulings[reason];
  const body: unknown = await answer.json();
  expect(body).toEqual({ error: { message: expect.any(String), type: expect.any(String), param: null, code: reason } });
  expect(answer.status).toBe(ruling.http);
  expect(answer.headers.get("x-should-retry")).toBe(ruling.retry ? null : "false");
  const session = answer.headers.get("x-request-id") ?? "";
  expect(session).toMatch(/^[0-9a-f]{32}$/);
  expect(await recorded(session)).toEqual({ outcome: "stopped", reason });
};

describe("a refusal by the whole gateway is worded for OpenAI's clients, and is a session:", () => {
  const cases: readonly (readonly [string, Reason, () => Promise<Response>])[] = [
    ["no credential", "credential_missing", () => ask({ credential: "" })],
    ["an unknown API key", "credential_invalid", () => ask({ credential: `weir_${"0".repeat(64)}` })],
    ["two different credentials", "credential_invalid", () => ask({ headers: { "x-api-key": outsiderKey } })],
    ["a good credential beside one that cannot be read", "credential_invalid", () => ask({ headers: { "api-key": "" } })],
    ["a credential that cannot be read", "credential_invalid", () => ask({ credential: "", headers: { authorization: `Basic ${key}` } })],
    ["a token for another audience", "credential_invalid", async () => ask({ credential: await issuer.sign({ aud: "elsewhere" }) })],
    ["an expired token", "credential_invalid", async () => ask({ credential: await issuer.sign({ exp: 1_700_000_000 }) })],
    ["a connection that the caller may not use at all", "target_unknown", () => ask({ credential: outsiderKey })],
    ["a model that no policy allows", "access_denied", () => ask({ model: "other" })],
    ["a model that a policy denies", "access_denied", () => ask({ model: "gpt-forbidden" })],
    ["an operation that needs its exact name", "access_denied", () => ask({ path: "files" })],
    ["a prompt that matches a deny pattern", "prompt_blocked", () => ask({ content: "please OPEN sesame" })],
    ["one that matches it with look-alike characters", "prompt_blocked", () => ask({ content: "ореn sesame" })],
    ["a prompt with too many tokens", "prompt_blocked", () => ask({ content: "word ".repeat(100) })],
  ];
  for (const [what, reason, call] of cases) it(`${what}: ${reason}`, async () => expectRefusal(await call(), reason));

  it("an upstream that is silent: upstream_timeout", async () => {
    upstream.script = () => undefined;
    await expectRefusal(await ask(), "upstream_timeout");
  });

  it("an upstream that refuses the connection's own credential: upstream_invalid, and nothing of its words", async () => {
    upstream.script = json({ error: { message: "Incorrect API key provided: sk-connection" } }, 401);
    const answer = await ask();
    expect(await answer.clone().text()).not.toContain("sk-connection");
    await expectRefusal(answer, "upstream_invalid");
  });

  it("an upstream that speaks no HTTP: upstream_invalid or upstream_unavailable", async () => {
    upstream.script = rawBytes("what?\r\n\r\n");
    const answer = await ask();
    expect([502, 503]).toContain(answer.status);
  });

  it("and the next call is answered, for the key and for a token of the issuer alike", async () => {
    upstream.script = json(chatAnswer("see AKIAQ3EGRIJ5KZT7XW2M ok"));
    for (const credential of [key, await issuer.sign({ groups: ["staff"] })]) {
      const answer = await ask({ credential });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("see [AWS_ACCESS_KEY_ID] ok");
    }
  });
});
