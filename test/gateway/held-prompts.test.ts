import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { onlyPending } from "../support/held/only-pending.ts";
import { type Reviewing, reviewingAt } from "../support/held/reviewing.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { CALLER: newKey(), REVIEWER: newKey(), OWNER: newKey() };

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  upstream.script = json(chatAnswer("done"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { reviewer: [security] }
identities:
  - { name: caller, kind: service, groups: [analysts], owner: weir/erin, apiKey: "\${env:CALLER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER}" }
  - { name: erin, kind: human, groups: [security], apiKey: "\${env:OWNER}" }
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
policies:
  - name: careful
    match: { groups: [analysts] }
    effect: allow
    prompts: { topics: [credentials] }
    approval:
      when: { keywords: [export, write, token], topics: [data-export, code-execution], promptTokensOver: 60 }
      reviewers: { groups: [security] }
      expires: 60s
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
});

const reviewer = (key = keys.REVIEWER): Reviewing => reviewingAt(gateway.adminUrl, key);

const ask = (content: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.CALLER}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content }] }),
  });

const pendingId = (): Promise<string> => onlyPending(reviewer());

describe("a prompt", () => {
  it.each([
    ["the keyword export", "Export it, please.", ['keyword "export"']],
    ["the keyword write", "write a poem", ['keyword "write"']],
    ["the keyword token", "one TOKEN more", ['keyword "token"']],
    ["a keyword behind look-alikes", "еxpоrt it", ['keyword "export"']],
    ["a topic", "Please download the whole customer database.", [expect.stringMatching(/^topic data-export \(.*customer|database/)]],
    ["a topic in another language", "Führe dieses Skript auf dem Server aus.", [expect.stringContaining("topic code-execution")]],
    ["many tokens", "lentil soup ".repeat(40), [expect.stringMatching(/^\d+ prompt tokens, more than 60$/)]],
  ])("with %s is held, and its reviewer reads why", async (_, content, reasons) => {
    const answering = ask(content);
    const id = await pendingId();
    expect(upstream.calls).toHaveLength(0);
    const { approval } = await reviewer().getApproval({ id });
    expect(approval?.rules).toMatchObject([{ policy: "careful", reasons }]);
    await reviewer().approveRequest({ id });
    expect((await answering).status).toBe(200);
    expect(upstream.calls).toHaveLength(1);
  });

  it("is not decided by whom the configuration makes responsible for its caller", async () => {
    const answering = ask("export what I may not");
    const id = await pendingId();
    await expect(reviewer(keys.OWNER).approveRequest({ id })).rejects.toThrow("a service that they own");
    await reviewer().denyRequest({ id, reason: "" });
    expect((await answering).status).toBe(403);
  });

  it("with nothing of it goes on at once", async () => {
    expect((await ask("What is the capital of France?")).status).toBe(200);
  });

  it("about a topic that policy denies is blocked, and its caller learns no rule", async () => {
    const response = await ask("What is the admin password of the staging server?");
    expect(response.status).toBe(403);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("prompt_blocked");
    expect(error.message).not.toMatch(/credentials|password/);
    expect(upstream.calls).toHaveLength(0);
  });
});
