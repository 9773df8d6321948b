import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttackedGateway, bearing, expectClosed, httpDoor, reporterKey, startAttackedGateway } from "../support/attacked-gateway.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessToken = "urn:ietf:params:oauth:token-type:access_token";

let attacked: AttackedGateway;
const root = (): Promise<string> => attacked.corp.sign({ sub: "root", groups: ["security"] });

beforeAll(async () => {
  attacked = await startAttackedGateway();
});
afterAll(() => attacked.close());

interface Granted {
  readonly status: number;
  readonly error?: string;
  readonly access_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly active?: boolean;
}

const post = async (path: string, parameters: Record<string, string> | [string, string][], headers = {}): Promise<Granted> => {
  const answer = await fetch(`${attacked.gateway.url}/oauth/${path}`, { method: "POST", body: new URLSearchParams(parameters), headers });
  return { status: answer.status, ...((await answer.json().catch(() => ({}))) as object) };
};

const exchanged = (subject_token: string, more: Record<string, string> = {}): Promise<Granted> =>
  post("token", { grant_type: exchange, subject_token, subject_token_type: accessToken, ...more });

const tokenOf = async (granted: Promise<Granted>): Promise<string> => {
  const { access_token: token, error } = await granted;
  if (token === undefined) throw new Error(`no token: ${error}`);
  return token;
};

const predict = httpDoor("REST", () => `${attacked.gateway.url}/churn/predict`, { text: "hello" });
const chat = (model: string) => httpDoor("OpenAI", () => `${attacked.gateway.url}/v1/chat/completions`, { model, messages: [] });

const admin = (path: string, token: string, body: object): Promise<Response> =>
  fetch(`${attacked.gateway.adminUrl}/weir.v1.${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(token) },
    body: JSON.stringify(body),
  });

describe("a form at the token endpoint", () => {
  it("gives nothing for parameters that ask for more than there is", async () => {
    const subject = await attacked.corp.sign();
    const more = {
      roles: "admin",
      role: "admin",
      groups: "security",
      sub: "root",
      subject: "root",
      issuer: "corp",
      kind: "human",
      name: "reporter",
    };
    const token = await tokenOf(exchanged(subject, more));
    await expectClosed(
      httpDoor("vault", () => `${attacked.gateway.url}/vault/x`, {}),
      bearing(token),
      "target_unknown",
    );
    expect((await admin("IdentityService/ListIdentities", token, {})).status).toBe(403);
    const told = await post("introspect", { token }, bearing(subject));
    expect(told).toMatchObject({ active: true, sub: "alice", username: "alice", iss: "corp" });
  });

  it.each<[string, [string, string][], string]>([
    [
      "a second scope",
      [
        ["scope", "connection:churn"],
        ["scope", "connection:vault"],
      ],
      "invalid_request",
    ],
    ["a second subject", [["subject_token", "x"]], "invalid_request"],
    ["a scope of another kind", [["scope", "role:admin"]], "invalid_scope"],
    ["a scope of all", [["scope", "*"]], "invalid_scope"],
    ["a scope with a line break", [["scope", "connection:churn\nconnection:vault"]], "invalid_scope"],
    ["somebody to act for", [["actor_token", "x"]], "invalid_request"],
    ["another audience", [["audience", "vault"]], "invalid_target"],
    ["a negative number of requests", [["requests", "-1"]], "invalid_request"],
    ["a number of requests in another writing", [["requests", "1e9"]], "invalid_request"],
    ["a lifetime beyond counting", [["expires_in", "99999999999"]], "invalid_request"],
    ["another type of token", [["requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"]], "invalid_request"],
  ])("is refused that has %s", async (_what, more, error) => {
    const good: [string, string][] = [
      ["grant_type", exchange],
      ["subject_token", await attacked.corp.sign()],
      ["subject_token_type", accessToken],
    ];
    expect(await post("token", [...good, ...more])).toMatchObject({ status: 400, error });
  });
});

describe("a grant", () => {
  it("is neither widened nor extended by exchanging it, however often", async () => {
    let token = await tokenOf(
      exchanged(await attacked.corp.sign(), { scope: "connection:churn operation:predict model:small-*", expires_in: "60" }),
    );
    for (let turn = 0; turn < 4; turn++) {
      const again = await exchanged(token, { expires_in: "3600" });
      expect(again.expires_in).toBeLessThanOrEqual(60);
      expect(again.scope).toBe("connection:churn model:small-* operation:predict");
      for (const scope of [
        "connection:gpt",
        "connection:churn connection:gpt",
        "operation:models.list",
        "model:*",
        "model:small",
        "model:s*",
      ])
        expect(await exchanged(token, { scope }), scope).toMatchObject({ status: 400, error: "invalid_scope" });
      token = again.access_token ?? "";
    }
    await expectClosed(chat("gpt-4o"), bearing(token), "target_unknown");
  });

  it("for a number of requests is not exchanged for more, and not used more often at once", async () => {
    const token = await tokenOf(exchanged(await attacked.corp.sign(), { requests: "3" }));
    expect(await exchanged(token)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await exchanged(token, { requests: "1000" })).toMatchObject({ status: 400, error: "invalid_grant" });
    const before = attacked.forwarded();
    const ends = await Promise.all(Array.from({ length: 12 }, () => predict.knock(bearing(token))));
    expect(ends.filter((end) => end === undefined)).toHaveLength(3);
    expect(attacked.forwarded()).toBe(before + 3);
  });

  it("given away for one connection, or for a few requests, opens nothing of the management API, whoever gave it", async () => {
    const whole = await tokenOf(exchanged(await root()));
    expect((await admin("IdentityService/ListIdentities", whole, {})).status).toBe(200);
    for (const more of [{ scope: "connection:vault" }, { scope: "operation:predict" }, { requests: "5" }]) {
      const narrow = await tokenOf(exchanged(await root(), more));
      expect((await admin("IdentityService/ListIdentities", narrow, {})).status, JSON.stringify(more)).toBe(403);
    }
  });

  it("does not outlive the key it was exchanged for, nor the identity", async () => {
    const boss = await root();
    const identity = { name: "night-shift", kind: "service", groups: ["analysts"], roles: ["admin"], isAdmin: true };
    expect((await admin("IdentityService/CreateServiceIdentity", boss, { identity, roles: ["admin"] })).status).toBe(200);
    const made = (await (await admin("TokenService/CreateApiKey", boss, { identity: "night-shift" })).json()) as { secret: string };
    const token = await tokenOf(exchanged(made.secret));
    expect(await predict.knock(bearing(token))).toBeUndefined();
    expect((await admin("IdentityService/ListIdentities", token, {})).status).toBe(403);
    expect((await admin("IdentityService/DeleteServiceIdentity", boss, { name: "night-shift" })).status).toBe(200);
    expect((await predict.knock(bearing(made.secret)))?.status).toBe(401);
    expect((await predict.knock(bearing(token)))?.status).toBe(401);
    expect((await admin("IdentityService/CreateServiceIdentity", boss, { identity: { ...identity, groups: [] } })).status).toBe(200);
    await expectClosed(predict, bearing(token), "credential_revoked");
  });

  it("of a key that ends is not made endless by rotating the key, and a revoked key is not rotated", async () => {
    const boss = await root();
    await admin("IdentityService/CreateServiceIdentity", boss, { identity: { name: "short-lived", kind: "service" } });
    type Made = { key: { id: string; expiresAt?: string }; secret: string };
    const made = (await (await admin("TokenService/CreateApiKey", boss, { identity: "short-lived", lifetime: "3600s" })).json()) as Made;
    const next = (await (await admin("TokenService/RotateApiKey", boss, { id: made.key.id })).json()) as Made;
    expect(Date.parse(next.key.expiresAt ?? "") - Date.now()).toBeLessThanOrEqual(3_600_000);
    await admin("TokenService/Revoke", boss, { what: { token: next.key.id } });
    expect((await admin("TokenService/RotateApiKey", boss, { id: next.key.id })).status).toBe(400);
    expect((await predict.knock(bearing(next.secret)))?.status).toBe(401);
  });

  it("is not given to an identity that has been disabled, and one given before is gone", async () => {
    const subject = await attacked.corp.sign({ sub: "mallory" });
    const token = await tokenOf(exchanged(subject));
    const key = { issuer: "corp", subject: "mallory" };
    expect((await admin("IdentityService/DisableIdentity", await root(), { key })).status).toBe(200);
    expect(await exchanged(subject)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await exchanged(token)).toMatchObject({ status: 400, error: "invalid_grant" });
    await expectClosed(predict, bearing(token), "credential_revoked");
    expect(await post("introspect", { token }, bearing(await attacked.corp.sign()))).toMatchObject({ active: false });
  });

  it("is told to nobody but its holder, and of a key that nobody could guess nothing is told at all", async () => {
    const token = await tokenOf(exchanged(await attacked.corp.sign()));
    for (const asker of [await attacked.corp.sign({ sub: "bob" }), await attacked.partner.sign(), reporterKey])
      expect(await post("introspect", { token }, bearing(asker))).toEqual({ status: 200, active: false });
    expect(await post("introspect", { token: reporterKey }, bearing(await attacked.corp.sign()))).toEqual({ status: 200, active: false });
    expect((await post("introspect", { token }, bearing("nonsense"))).status).toBe(401);
  });

  it("cannot be frozen by a name that nobody has: who misspells one hears of it", async () => {
    const boss = await root();
    expect((await admin("TokenService/Revoke", boss, { what: { connection: "chrun" } })).status).toBe(404);
    expect((await admin("TokenService/Revoke", boss, { what: { issuer: "cορp" } })).status).toBe(404);
    for (const what of [{ token: "" }, { identity: { issuer: "corp", subject: "" } }, {}])
      expect((await admin("TokenService/Revoke", boss, { what })).status).toBe(400);
  });
});
