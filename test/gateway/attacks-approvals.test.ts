import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { bearing } from "../support/attacked-gateway.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { CALLER: newKey(), CAROL: newKey(), ROOT: newKey(), AGENT: newKey() };
const patience = { timeout: 10_000 };

let upstream: ScriptedUpstream;
let corp: TestIssuer;
let partner: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  [upstream, corp, partner, database] = await Promise.all([
    ScriptedUpstream.start(),
    startIssuer(),
    startIssuer(),
    cloneDatabase(inject("postgres")),
  ]);
  upstream.script = json(chatAnswer("done"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform], reviewer: [security] }
issuers:
  - { name: corp, issuer: "${corp.url}", audience: weir, algorithms: [RS256], groups: [analysts, security] }
  - { name: partner, issuer: "${partner.url}", audience: weir, algorithms: [RS256], groups: [security] }
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:CAROL}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ROOT}" }
  - { name: robot, kind: agent, groups: [security], apiKey: "\${env:AGENT}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }
  - { name: twin, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }
policies:
  - { name: careful, match: { groups: [analysts], models: ["*"] }, effect: allow, approval: { reviewers: { groups: [security] }, expires: 60s } }
  - { name: careful-rest, match: { groups: [analysts], connections: [churn, twin] }, effect: allow, approval: { reviewers: { groups: [security] }, expires: 60s } }
`,
    env: keys,
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), corp.away(), partner.away()]);
});

interface Ending {
  readonly status: number;
  readonly words: string;
}

/** A request that an attacker may vary. */
interface Asked {
  readonly path: string;
  readonly body: string;
  readonly credential?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const chat: Asked = {
  path: "/v1/chat/completions",
  body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "send 10 euros" }] }),
};
const rest: Asked = { path: "/churn/predict?page=1", body: '{"text":"send 10 euros"}' };

const leaving: AbortController[] = [];

/** Sends a request that is going to wait; `leave` gives up on it. */
const ask = ({ path, body, credential = keys.CALLER, headers = {} }: Asked) => {
  const leave = new AbortController();
  leaving.push(leave);
  const ended: Promise<Ending | undefined> = fetch(`${gateway.url}${path}`, {
    method: "POST",
    signal: leave.signal,
    headers: { "content-type": "application/json", ...bearing(credential), ...headers },
    body,
  })
    .then(async (answer) => ({ status: answer.status, words: await answer.text() }))
    .catch(() => undefined);
  return { ended, leave: () => leave.abort() };
};

const admin = async <T = Record<string, unknown>>(path: string, body: object, credential = keys.CAROL): Promise<T & { status: number }> => {
  const answer = await fetch(`${gateway.adminUrl}/weir.v1.${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearing(credential) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, ...((await answer.json()) as T) };
};

const pending = async (): Promise<readonly string[]> => {
  const { approvals = [] } = await admin<{ approvals?: { id: string }[] }>("ApprovalService/ListApprovals", {
    state: "APPROVAL_STATE_PENDING",
  });
  return approvals.map(({ id }) => id);
};

/** The one entry that waits. */
const waiting = async (): Promise<string> => {
  await expect.poll(async () => (await pending()).length, patience).toBe(1);
  return (await pending())[0] ?? "";
};

const approve = (id: string, credential?: string) => admin("ApprovalService/ApproveRequest", { id }, credential);

/** Has a request approved whose caller has left meanwhile, so that the yes waits for it. */
const approvedAhead = async (asked: Asked): Promise<void> => {
  const first = ask(asked);
  const id = await waiting();
  first.leave();
  await first.ended;
  expect((await approve(id)).status).toBe(200);
};

beforeEach(() => {
  upstream.calls.length = 0;
});
afterEach(async () => {
  for (const leave of leaving.splice(0)) leave.abort();
  await database.query("UPDATE weir.approvals SET state = 'withdrawn' WHERE state IN ('pending', 'approved')");
});

describe("a yes", () => {
  it.each<[string, Asked, Asked]>([
    ["one byte of the prompt", chat, { ...chat, body: chat.body.replace("10", "90") }],
    ["a space between two keys", chat, { ...chat, body: `${chat.body} ` }],
    ["the model", chat, { ...chat, body: chat.body.replace("gpt-4o", "gpt-4p") }],
    ["a field beside the prompt", chat, { ...chat, body: chat.body.replace("{", '{"n":2,') }],
    ["a header that changes what is asked", chat, { ...chat, headers: { "openai-beta": "assistants=v2" } }],
    ["the query", rest, { ...rest, path: "/churn/predict?page=2" }],
    ["the path", rest, { ...rest, path: "/churn/predict2?page=1" }],
    ["the connection, to one with the same upstream", rest, { ...rest, path: "/twin/predict?page=1" }],
    ["what is accepted", rest, { ...rest, headers: { accept: "text/event-stream" } }],
  ])("is for nothing that differs in %s", async (_what, asked, changed) => {
    await approvedAhead(asked);
    const other = ask(changed);
    await waiting();
    expect(upstream.calls).toHaveLength(0);
    other.leave();
    await other.ended;
    expect((await ask(asked).ended)?.status).toBe(200);
    expect(upstream.calls).toHaveLength(1);
  });

  it("is used once, however many ask for it at once", async () => {
    await approvedAhead(rest);
    const [one, two, three] = [ask(rest), ask(rest), ask(rest)];
    await expect.poll(() => upstream.calls.length, patience).toBe(1);
    await waiting();
    for (const each of [one, two, three]) each.leave();
    expect(upstream.calls).toHaveLength(1);
  });

  it("is another caller's as little as another token's of the same caller", async () => {
    const token = async (): Promise<string> => {
      const body = new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: keys.CALLER,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        scope: "connection:churn",
      });
      const answer = await fetch(`${gateway.url}/oauth/token`, { method: "POST", body });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    await approvedAhead({ ...rest, credential: await token() });
    for (const credential of [await token(), await corp.sign({ sub: "caller", groups: ["analysts"] })]) {
      const other = ask({ ...rest, credential });
      await waiting();
      other.leave();
      await other.ended;
      await database.query("UPDATE weir.approvals SET state = 'withdrawn' WHERE state = 'pending'");
    }
    expect(upstream.calls).toHaveLength(0);
  });

  it("has an end", async () => {
    await approvedAhead(rest);
    await database.query("UPDATE weir.approvals SET expires_at = now() WHERE state = 'approved'");
    const late = ask(rest);
    const ended = await Promise.race([late.ended, waiting()]);
    expect(JSON.stringify(ended)).not.toContain("done");
    expect(upstream.calls).toHaveLength(0);
  });

  it("of a reviewer who has lost their access lets nothing pass", async () => {
    const dave = await corp.sign({ sub: "dave", groups: ["security"] });
    const first = ask(rest);
    const id = await waiting();
    first.leave();
    await first.ended;
    expect((await approve(id, dave)).status).toBe(200);
    await admin("IdentityService/DisableIdentity", { key: { issuer: "corp", subject: "dave" } }, keys.ROOT);
    expect(await ask(rest).ended).toMatchObject({ status: 403, words: expect.stringContaining("approval_expired") });
    expect((await approve(id, dave)).status).toBe(401);
    expect(upstream.calls).toHaveLength(0);
  });

  it("does not outlast the policies that it was given under", async () => {
    await approvedAhead(rest);
    const document = { match: { groups: ["nobody"] }, effect: "allow" };
    expect((await admin("PolicyService/CreatePolicy", { name: "another", document }, keys.ROOT)).status).toBe(200);
    const again = ask(rest);
    await waiting();
    expect(upstream.calls).toHaveLength(0);
    again.leave();
  });
});

describe("nobody gives a yes to their own request", () => {
  const refused = async (asked: Asked, reviewer: string, status: number): Promise<void> => {
    const held = ask(asked);
    const id = await waiting();
    expect((await approve(id, reviewer)).status).toBe(status);
    held.leave();
    await held.ended;
    await database.query("UPDATE weir.approvals SET state = 'withdrawn' WHERE state = 'pending'");
    expect(upstream.calls).toHaveLength(0);
  };
  const both = { sub: "erin", groups: ["analysts", "security"], email: "erin@example.com" };

  const exchanged = async (subject_token: string): Promise<string> => {
    const grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    const body = new URLSearchParams({ grant_type, subject_token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" });
    return ((await (await fetch(`${gateway.url}/oauth/token`, { method: "POST", body })).json()) as { access_token: string }).access_token;
  };

  it("with the same credential, another token of theirs, or one exchanged for it", async () => {
    const credential = await corp.sign(both);
    await refused({ ...rest, credential }, credential, 400);
    await refused({ ...rest, credential }, await corp.sign({ ...both, jti: "another" }), 400);
    await refused({ ...rest, credential }, await exchanged(credential), 400);
    await refused({ ...rest, credential: await exchanged(credential) }, credential, 400);
  });

  it("with an account at another issuer that has their address", async () => {
    await refused(
      { ...rest, credential: await corp.sign(both) },
      await partner.sign({ ...both, sub: "e.erin", email: "Erin@Example.com" }),
      400,
    );
  });

  it("through a service that they own, on either side, and whichever credential of it is shown", async () => {
    const owner = { issuer: "corp", subject: "erin" };
    const serviceKey = async (name: string, groups: string[]): Promise<string> => {
      await admin("IdentityService/CreateServiceIdentity", { identity: { name, kind: "service", groups, owner } }, keys.ROOT);
      return (await admin<{ secret: string }>("TokenService/CreateApiKey", { identity: name }, keys.ROOT)).secret;
    };
    const [asking, agreeing] = [await serviceKey("asking", ["analysts"]), await serviceKey("agreeing", ["security"])];
    const erin = await corp.sign(both);
    await refused({ ...rest, credential: asking }, erin, 400);
    await refused({ ...rest, credential: await exchanged(asking) }, erin, 400);
    await refused({ ...rest, credential: erin }, agreeing, 400);
    await refused({ ...rest, credential: asking }, agreeing, 400);
    await refused({ ...rest, credential: asking }, await exchanged(agreeing), 400);
  });

  it("nor is a yes an agent's, an administrator's, or that of somebody without the role", async () => {
    await refused(rest, keys.AGENT, 403);
    await refused(rest, keys.ROOT, 403);
    await refused(rest, await corp.sign({ sub: "frank", groups: ["analysts"] }), 403);
    await refused(rest, "nonsense", 401);
  });
});

describe("a request that waits", () => {
  const key = { issuer: "corp", subject: "grace" };

  it("ends at once when its caller is disabled, and a yes that comes afterwards does nothing", async () => {
    const held = ask({ ...rest, credential: await corp.sign({ sub: "grace" }) });
    const id = await waiting();
    await admin("IdentityService/DisableIdentity", { key }, keys.ROOT);
    expect(await held.ended).toMatchObject({ status: 401, words: expect.stringContaining("credential_revoked") });
    await approve(id);
    expect(upstream.calls).toHaveLength(0);
    await admin("IdentityService/EnableIdentity", { key }, keys.ROOT);
  });

  it("ends at once when its connection is frozen", async () => {
    const held = ask(rest);
    await waiting();
    await admin("TokenService/Revoke", { what: { connection: "churn" } }, keys.ROOT);
    expect(await held.ended).toMatchObject({ status: 401, words: expect.stringContaining("credential_revoked") });
    await admin("TokenService/Restore", { what: { connection: "churn" } }, keys.ROOT);
    expect(upstream.calls).toHaveLength(0);
  });

  it("does not pass where the policies have changed by the time of the yes", async () => {
    const held = ask(rest);
    const id = await waiting();
    const document = { match: { groups: ["analysts"], connections: ["churn"] }, effect: "deny" };
    expect((await admin("PolicyService/CreatePolicy", { name: "closed", document }, keys.ROOT)).status).toBe(200);
    await approve(id);
    expect(await held.ended).toMatchObject({ status: 403, words: expect.stringContaining("approval_expired") });
    expect(upstream.calls).toHaveLength(0);
  });
});
