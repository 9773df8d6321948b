import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createLog } from "../../src/telemetry/index.ts";
import { bearing } from "../support/attacked-gateway.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { filesBelow, tablesOf, textOf, writings } from "../support/kept.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const random = (): string => randomBytes(24).toString("hex");
const keys = { CALLER: `weir_${random()}`, ROOT: `weir_${random()}`, REPORTER: `weir_${random()}` };
const hookSecret = `whsec_${randomBytes(24).toString("base64")}`;
const hookPath = random();
const encryptionKey = randomBytes(32).toString("base64");
const awsKey = "AKIAQ3EGRIJ5KZT7XW2M";

/** Everything secret that this gateway saw, by what it is. */
const secrets = new Map<string, string>([
  ...Object.entries(keys),
  ["the webhook's secret", hookSecret.slice("whsec_".length)],
  ["the webhook's address", hookPath],
  ["the encryption key", encryptionKey],
  ["a credential in a prompt", awsKey],
]);

const secret = (what: string, value: string): string => {
  secrets.set(what, value);
  return value;
};

let upstream: ScriptedUpstream;
let issuer: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;
let logged = "";
const told: string[] = [];

beforeAll(async () => {
  [upstream, issuer, database] = await Promise.all([ScriptedUpstream.start(), startIssuer(), cloneDatabase(inject("postgres"))]);
  upstream.script = json(chatAnswer("done"));
  const destination = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  gateway = await startTestGateway({
    encryptionKey,
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform], reviewer: [platform], auditor: [platform] }
issuers: [{ name: corp, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [analysts] }]
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: reporter, kind: service, groups: [analysts], apiKey: "\${env:REPORTER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ROOT}" }
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
notifications:
  - { name: hook, kind: webhook, url: "\${env:HOOK}", secret: "\${env:SECRET}", events: [approval.opened, call.blocked, credential.masked, credential.revoked_used, access.changed, configuration.changed] }
policies:
  - name: analysts
    match: { groups: [analysts] }
    effect: allow
    prompts: { deny: ["open sesame"] }
    approval: { when: { keywords: [export] }, reviewers: { groups: [platform] }, expires: 60s }
`,
    // Nobody listens there, so that the failure to deliver is logged.
    env: { ...keys, HOOK: `http://127.0.0.1:1/${hookPath}`, SECRET: hookSecret },
    database: database.address,
    log: createLog({ level: "debug", destination }),
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), issuer.away()]);
});

const tell = async (answer: Response): Promise<{ status: number; body: Record<string, unknown> }> => {
  const text = await answer.text();
  told.push(text);
  return { status: answer.status, body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {} };
};

/** Asks the management API; what it answers is searched, unless it is where a secret is told once. */
const admin = async (path: string, body: object, once = false): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${gateway.adminUrl}/weir.v1.${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(keys.ROOT) },
    body: JSON.stringify(body),
  });
  return once ? ((await answer.json()) as Record<string, unknown>) : (await tell(answer)).body;
};

const ask = async (credential: string, content: string, model = "gpt-4o"): Promise<number> => {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(credential) },
    body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
  });
  return (await tell(answer)).status;
};

const form = (parameters: Record<string, string>, headers = {}): Promise<Response> =>
  fetch(`${gateway.url}/oauth/token`, { method: "POST", body: new URLSearchParams(parameters), headers });

/** What is told once to whoever asked for it. */
const granted = async (what: string, answer: Response): Promise<string> =>
  secret(what, ((await answer.json()) as { access_token: string }).access_token);

const exchange = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
};

const useTokens = async (): Promise<void> => {
  const subject_token = secret("an identity token", await issuer.sign());
  secret("its signature", subject_token.split(".")[2] ?? "");
  const token = await granted("a token", await form({ ...exchange, subject_token, scope: "connection:gpt" }));
  const basic = `Basic ${Buffer.from(`reporter:${keys.REPORTER}`).toString("base64")}`;
  await granted("a client's token", await form({ grant_type: "client_credentials" }, { authorization: basic }));
  expect(await ask(token, "hello")).toBe(200);
  await tell(await form({ ...exchange, subject_token: `${subject_token}x` }));
  await tell(await form({ ...exchange, subject_token, scope: secret("a scope that is none", `connection${random()}`) }));
  await tell(await form({ grant_type: "client_credentials", client_id: "reporter", client_secret: secret("a wrong key", random()) }));
};

const useKeys = async (): Promise<void> => {
  await admin("IdentityService/CreateServiceIdentity", { identity: { name: "svc", kind: "service", groups: ["analysts"] } });
  const made = await admin("TokenService/CreateApiKey", { identity: "svc" }, true);
  const minted = secret("a minted key", String(made.secret));
  expect(await ask(minted, "hello")).toBe(200);
  const { id } = made.key as { id: string };
  const next = await admin("TokenService/RotateApiKey", { id }, true);
  secret("a rotated key", String(next.secret));
  await admin("TokenService/Revoke", { what: { token: id }, reason: "leaked" });
  expect(await ask(minted, "hello")).toBe(401);
};

const useCredentials = async (): Promise<void> => {
  const document = { protocol: "openai", upstream: `http://127.0.0.1:${upstream.port}/v1`, route: { models: ["other-*"] } };
  const declared = (value: string) => ({ name: "other", document, credential: { header: "authorization", value } });
  await admin("ConnectionService/CreateConnection", declared(`Bearer ${secret("a declared credential", random())}`));
  await admin("ConnectionService/UpdateConnection", declared(`Bearer ${secret("its successor", random())}`));
  await admin("ConnectionService/UpdateConnection", declared(`Bearer ${secret("a credential of two lines", random())}\r\nx: y`));
  await admin("ConnectionService/CreateConnection", {
    ...declared(secret("a credential for a name that is taken", random())),
    name: "gpt",
  });
  expect(await ask(keys.CALLER, "hello", "other-1")).toBe(200);
  expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${secrets.get("its successor")}`);
};

const useApprovals = async (): Promise<void> => {
  const held = ask(keys.CALLER, `export with ${awsKey}`);
  const waiting = async (): Promise<{ id: string }[]> =>
    ((await admin("ApprovalService/ListApprovals", { state: "APPROVAL_STATE_PENDING" })).approvals ?? []) as { id: string }[];
  await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBe(1);
  const id = (await waiting())[0]?.id ?? "";
  const shown = await admin("ApprovalService/GetApproval", { id });
  expect(JSON.stringify(shown)).toContain("[AWS_ACCESS_KEY_ID]");
  await admin("ApprovalService/DenyRequest", { id, reason: "no keys, please" });
  expect(await held).toBe(403);
  expect(await ask(keys.CALLER, `open sesame ${awsKey}`)).toBe(403);
};

/** Where no text is looked for: a model's name, a path, a query, and headers that nobody reads. */
const useOtherPlaces = async (): Promise<void> => {
  expect(await ask(keys.CALLER, "hello", awsKey)).toBe(200);
  const headers = {
    "content-type": "application/json",
    ...bearing(keys.CALLER),
    "x-note": awsKey,
    "user-agent": awsKey,
    "weir-note": awsKey,
  };
  for (const path of [`v1/${awsKey}`, `v1/models/${awsKey}`, `v1/chat/completions?note=${awsKey}`, `gpt/${awsKey}`, awsKey])
    await tell(await fetch(`${gateway.url}/${path}`, { method: "POST", headers, body: "{}" }));
};

describe("what opens doors", () => {
  it("is in no table, file, log, metric, message or error, once it was told", async () => {
    await useTokens();
    await useKeys();
    await useCredentials();
    await useApprovals();
    await useOtherPlaces();
    await expect.poll(() => logged, { timeout: 10_000 }).toContain("did not arrive");
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const files = filesBelow(gateway.dataDir).map(textOf);
    await gateway.stop();
    await database.query("CHECKPOINT");
    const { rows } = await database.query("SHOW data_directory");
    const kept = { tables: await tablesOf(database), files, logs: [logged], metrics: [metrics], answers: told };
    const server = filesBelow(rows[0].data_directory).map(textOf);
    const found: string[] = [];
    for (const [what, value] of secrets) {
      for (const written of writings(value)) {
        for (const [where, texts] of Object.entries({ ...kept, server }))
          if (texts.some((text) => text.includes(written))) found.push(`${what} in ${where}`);
      }
    }
    expect(secrets.size).toBeGreaterThan(15);
    expect(kept.tables.join("").length).toBeGreaterThan(1_000);
    expect(found).toEqual([]);
  });
});
