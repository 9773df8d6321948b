import { randomBytes } from "node:crypto";
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clientCredentialsGrant,
  discovery,
  genericGrantRequest,
  None,
  tokenIntrospection,
  tokenRevocation,
} from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { chatAnswer, chunkOf, json, ScriptedUpstream } from "../support/upstream.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const idToken = "urn:ietf:params:oauth:token-type:id_token";
const accessToken = "urn:ietf:params:oauth:token-type:access_token";
const reporterKey = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let issuer: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;
let client: Configuration;

const answering = json(chatAnswer("hello"));

beforeAll(async () => {
  [upstream, issuer, database] = await Promise.all([ScriptedUpstream.start(), startIssuer(), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
issuers: [{ name: corp, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [analysts] }]
identities: [{ name: reporter, kind: service, groups: [analysts], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", route: { models: ["gpt-*"] } }
  - { name: local, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", route: { models: ["local-*"] } }
policies: [{ name: analysts, match: { groups: [analysts] }, effect: allow }]
`,
    env: { TEST_KEY: reporterKey },
    database: database.address,
  });
  client = await discovery(new URL(gateway.url), "reporter", undefined, None(), { algorithm: "oauth2", execute: [allowInsecureRequests] });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), issuer.away()]);
});
afterEach(() => {
  upstream.script = answering;
});

interface Asked {
  readonly model?: string;
  readonly path?: string;
  readonly stream?: boolean;
  readonly connection?: string;
}

const ask = (token: string, { model = "gpt-4o", path = "chat/completions", stream = false, connection }: Asked = {}): Promise<Response> => {
  upstream.script = stream ? upstream.script : answering;
  return fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...(connection === undefined ? {} : { "weir-connection": connection }),
    },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "hello" }], input: "x" }),
  });
};

const codeOf = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error?: { code?: string } };
  return `${response.status} ${error?.code}`;
};

const exchanged = async (parameters: Record<string, string> = {}): Promise<string> => {
  const subject_token = await issuer.sign({ sub: "alice" });
  const answer = await genericGrantRequest(client, exchange, { subject_token, subject_token_type: idToken, ...parameters });
  return answer.access_token;
};

const form = (
  path: string,
  parameters: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<Response> => fetch(`${gateway.url}/oauth/${path}`, { method: "POST", body: new URLSearchParams(parameters), headers });

const oauthError = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error?: string };
  return `${response.status} ${error}`;
};

describe("the token endpoint", () => {
  it("exchanges an identity token for a short-lived one that calls models and nothing of which is cached", async () => {
    const subject_token = await issuer.sign({ sub: "alice" });
    const response = await form("token", { grant_type: exchange, subject_token, subject_token_type: idToken });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = (await response.json()) as { access_token?: string };
    expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 900, issued_token_type: accessToken });
    const called = await ask(answer.access_token ?? "");
    expect(called.status).toBe(200);
    const { rows } = await database.query("SELECT action, name, details FROM weir.audit_events ORDER BY id DESC LIMIT 1");
    expect(rows[0]).toMatchObject({ action: "token.issue", name: "alice", details: { via: "exchange" } });
  });

  it("issues no token, and takes none back, without its audit event", async () => {
    const token = await exchanged();
    const standing = async () =>
      (await database.query("SELECT (SELECT count(*) FROM weir.tokens) AS tokens, (SELECT count(*) FROM weir.revocations) AS revocations"))
        .rows;
    const before = await standing();
    const subject_token = await issuer.sign({ sub: "alice" });
    await database.query("REVOKE INSERT ON weir.audit_events FROM weir_access");
    const answers = [
      await form("token", { grant_type: exchange, subject_token, subject_token_type: idToken }),
      await form("token", { grant_type: "client_credentials", client_id: "reporter", client_secret: reporterKey }),
      await form("revoke", { token }),
    ];
    await database.query("GRANT INSERT ON weir.audit_events TO weir_access");
    for (const answer of answers) expect(await oauthError(answer)).toBe("503 temporarily_unavailable");
    expect(await standing()).toEqual(before);
    expect((await ask(token)).status).toBe(200);
  });

  it("scopes a token to connections, models and operations", async () => {
    const token = await exchanged({ scope: "connection:gpt model:gpt-4o* operation:chat.completions" });
    expect((await ask(token)).status).toBe(200);
    expect(await codeOf(await ask(token, { model: "gpt-5" }))).toBe("403 access_denied");
    expect(await codeOf(await ask(token, { path: "embeddings" }))).toBe("403 access_denied");
    expect(await codeOf(await ask(token, { model: "gpt-4o", connection: "local" }))).toBe("404 target_unknown");
  });

  it("gives a service identity a token for its name and key, by either way of authenticating", async () => {
    for (const method of [ClientSecretBasic(reporterKey), ClientSecretPost(reporterKey)]) {
      const service = await discovery(new URL(gateway.url), "reporter", undefined, method, {
        algorithm: "oauth2",
        execute: [allowInsecureRequests],
      });
      const { access_token } = await clientCredentialsGrant(service, { scope: "connection:gpt" });
      expect((await ask(access_token)).status).toBe(200);
    }
  });

  it("refuses tokens of others, expired ones, made-up ones and wrong clients", async () => {
    const expired = await issuer.sign({ exp: Math.floor(Date.now() / 1000) - 600, iat: Math.floor(Date.now() / 1000) - 1200 });
    const elsewhere = await issuer.sign({ aud: "another" });
    for (const subject_token of [expired, elsewhere, "nonsense", `weirt_${"A".repeat(54)}`])
      expect(await oauthError(await form("token", { grant_type: exchange, subject_token, subject_token_type: idToken }))).toBe(
        "400 invalid_grant",
      );
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    for (const wrong of [`reporter:${reporterKey}x`, `another:${reporterKey}`, "reporter", `reporter:%zz`])
      expect(await oauthError(await form("token", { grant_type: "client_credentials" }, basic(wrong)))).toBe("401 invalid_client");
  });

  it("refuses what it does not understand rather than reading something into it", async () => {
    const subject_token = await issuer.sign();
    const good = { grant_type: exchange, subject_token, subject_token_type: idToken };
    const cases: [Record<string, string> | [string, string][], string][] = [
      [{ ...good, grant_type: "password" }, "400 unsupported_grant_type"],
      [{ ...good, actor_token: "x" }, "400 invalid_request"],
      [{ ...good, audience: "x" }, "400 invalid_target"],
      [{ ...good, scope: "openid" }, "400 invalid_scope"],
      [{ ...good, subject_token_type: "urn:x" }, "400 invalid_request"],
      [{ ...good, expires_in: "-1" }, "400 invalid_request"],
      [[...Object.entries(good), ["scope", "connection:gpt"], ["scope", "connection:local"]], "400 invalid_request"],
      [{ subject_token }, "400 invalid_request"],
    ];
    for (const [parameters, expected] of cases) expect(await oauthError(await form("token", parameters))).toBe(expected);
    const json = await fetch(`${gateway.url}/oauth/token`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect(json.status).toBe(400);
    expect((await fetch(`${gateway.url}/oauth/else`)).status).toBe(404);
  });

  it("never extends a grant", async () => {
    const first = await exchanged({ scope: "connection:gpt", expires_in: "60" });
    const again = await genericGrantRequest(client, exchange, { subject_token: first, subject_token_type: accessToken, expires_in: "900" });
    expect(again.expires_in).toBeLessThanOrEqual(60);
    expect(again.scope).toBe("connection:gpt");
    const wider = await form("token", {
      grant_type: exchange,
      subject_token: first,
      subject_token_type: accessToken,
      scope: "connection:local",
    });
    expect(await oauthError(wider)).toBe("400 invalid_scope");
  });

  it("issues tokens for a number of requests", async () => {
    const token = await exchanged({ requests: "2" });
    expect([(await ask(token)).status, (await ask(token)).status]).toEqual([200, 200]);
    expect(await codeOf(await ask(token))).toBe("401 credential_invalid");
  });
});

describe("introspection", () => {
  it("tells a holder what their token is good for, and nobody else", async () => {
    const alice = await exchanged({ scope: "connection:gpt" });
    const asAlice = await form("introspect", { token: alice }, { authorization: `Bearer ${await issuer.sign({ sub: "alice" })}` });
    expect(await asAlice.json()).toMatchObject({ active: true, sub: "alice", iss: "corp", scope: "connection:gpt" });
    const asBob = await form("introspect", { token: alice }, { authorization: `Bearer ${await issuer.sign({ sub: "bob" })}` });
    expect(await asBob.json()).toEqual({ active: false });
    expect((await form("introspect", { token: alice })).status).toBe(401);
  });

  it("is spoken by a foreign client", async () => {
    const service = await discovery(new URL(gateway.url), "reporter", undefined, ClientSecretBasic(reporterKey), {
      algorithm: "oauth2",
      execute: [allowInsecureRequests],
    });
    const { access_token } = await clientCredentialsGrant(service);
    expect(await tokenIntrospection(service, access_token)).toMatchObject({ active: true, username: "reporter" });
    await tokenRevocation(service, access_token);
    expect(await tokenIntrospection(service, access_token)).toEqual({ active: false });
  });
});

describe("a token given back", () => {
  it("cuts the stream that runs on it, and is refused from then on", async () => {
    let proceed = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunkOf({ content: "first" }));
      await waiting;
      response.end("data: [DONE]\n\n");
    };
    const token = await exchanged();
    const response = await ask(token, { stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain("first");
    await form("revoke", { token });
    let rest = "";
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) rest += step.value;
    proceed();
    expect(rest).toContain('"code":"credential_revoked"');
    expect(rest).not.toContain("[DONE]");
    expect(await codeOf(await ask(token))).toBe("401 credential_revoked");
    const id = response.headers.get("x-request-id");
    await expect
      .poll(async () => (await database.query("SELECT reason FROM weir.session_ends WHERE session_id = $1", [id])).rows)
      .toEqual([{ reason: "credential_revoked" }]);
  });

  it("is no error where there is none", async () => {
    expect((await form("revoke", { token: "unknown" })).status).toBe(200);
  });
});
