import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { audit } from "../../src/sessions/index.ts";
import { openPool } from "../../src/store/index.ts";
import { weirHere } from "../support/command-line.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { startIssuer, type TestIssuer } from "../support/issuer.ts";
import { chunkOf, ScriptedUpstream } from "../support/upstream.ts";

const adminKey = `weir_${randomBytes(32).toString("hex")}`;
const secret = "AKIAQ3EGRIJ5KZT7XW2M";

let upstream: ScriptedUpstream;
let issuer: TestIssuer;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  [upstream, issuer, database] = await Promise.all([ScriptedUpstream.start(), startIssuer(), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform], auditor: [platform] }
issuers: [{ name: ci, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [builds] }]
identities: [{ name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }]
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
policies: [{ name: builds, match: { groups: [builds] }, effect: allow, mask: { response: [credentials] } }]
`,
    env: { ADMIN: adminKey },
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), issuer.away()]);
});

/** A command at the prompt, signed in as the administrator. */
const weir = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await weirHere([...args, "--url", gateway.adminUrl, "--token", adminKey]);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stdout;
};

const ask = (token: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", stream: true, messages: [{ role: "user", content: "list the deployment keys" }] }),
  });

describe("an offboarded contractor's leaked token", () => {
  it("is found, cut off in the middle of a stream, refused, and everything it did can be replayed and verified", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunkOf({ content: `the key is ${secret} and ` }));
      await held;
      response.end("data: [DONE]\n\n");
    };
    const leaked = await issuer.sign({ sub: "contractor-ci", groups: ["builds"] });
    const answer = await ask(leaked);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let read = (await reader?.read())?.value ?? "";
    const session = answer.headers.get("x-request-id") ?? "";

    await expect
      .poll(async () => JSON.parse(await weir("sessions", "list", "--principal", "contractor-ci", "-o", "json")))
      .toMatchObject([{ id: session, state: "open", principal: { issuer: "ci", subject: "contractor-ci" } }]);
    expect(JSON.parse(await weir("identities", "list", "-o", "json"))).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ id: "ci/contractor-ci", state: "enabled" })]),
    );

    await weir("identities", "disable", "ci/contractor-ci", "--reason", "left the company");
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) read += step.value;
    release();
    expect(read).toContain('"code":"credential_revoked"');
    expect(read).not.toContain("[DONE]");
    expect(read).not.toContain(secret);
    const refused = await ask(leaked);
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain("credential_revoked");

    await expect
      .poll(async () => JSON.parse(await weir("sessions", "get", session, "-o", "json")))
      .toMatchObject({
        state: "stopped",
        reason: "credential_revoked",
      });
    const replayed = await weir("sessions", "replay", session, "--speed", "0");
    expect(replayed).toContain("list the deployment keys");
    expect(replayed).toContain("the key is [AWS_ACCESS_KEY_ID]");
    expect(replayed).not.toContain(secret);

    const pool = openPool({ address: database.address, role: "weir_reader", log: silentLog, max: 1 });
    const verdict = await audit(pool);
    await pool.end();
    expect(verdict.findings).toEqual([]);
    expect(verdict.sessions).toBe(2);
    const { rows } = await database.query("SELECT name, action, object FROM weir.audit_events");
    expect(rows).toEqual([{ name: "root", action: "identity.disable", object: "ci/contractor-ci" }]);
  });
});
