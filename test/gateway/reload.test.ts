import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { ConnectionService } from "../../src/gen/weir/v1/connection_pb.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateway-process.ts";
import { managing } from "../support/management.ts";
import { chatAnswer, chunkOf, json, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let folder: string;
let gateway: GatewayProcess;

const configuration = (policies: string, connections = ""): string => `
listen: { address: 127.0.0.1, port: 0 }
admin: { address: 127.0.0.1, port: 0 }
database: \${env:TEST_DATABASE}
dataDir: data
encryptionKey: \${env:TEST_ENCRYPTION_KEY}
egress: { allow: [127.0.0.0/8] }
roles: { admin: [testers] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }${connections}]
policies: ${policies}
`;

const everything = "[{ name: testers, match: { groups: [testers] }, effect: allow }]";
const onlySmall = "[{ name: testers, match: { groups: [testers], models: [small] }, effect: allow }]";
const broken = '[{ name: testers, match: { groups: [testers] }, effect: allow, prompts: { deny: ["(a"] } }]';

const put = (policies: string, connections?: string): Promise<void> =>
  writeFile(join(folder, "weir.yaml"), configuration(policies, connections));

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  folder = await mkdtemp(join(tmpdir(), "weir-reload-"));
  await put(everything);
  const { host, user, password, database: name } = database.address;
  gateway = await startGatewayProcess(join(folder, "weir.yaml"), {
    TEST_KEY: key,
    TEST_DATABASE: `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}/${name}`,
    TEST_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  });
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const ask = (model: string, stream = false): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "hello" }] }),
  });

const statusOf = async (model: string): Promise<number> => {
  upstream.script = json(chatAnswer("done"));
  const answer = await ask(model);
  await answer.text();
  return answer.status;
};

/** Asks until the answer is as wanted, for at most ten seconds. */
const becomes = async (model: string, status: number): Promise<boolean> => {
  for (let look = 0; look < 100; look++) {
    if ((await statusOf(model)) === status) return true;
    await sleep(100);
  }
  return false;
};

describe("weir.yaml, changed while the gateway runs,", () => {
  it("comes into force without dropping a stream that is under way", async () => {
    let finish: (() => void) | undefined;
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunkOf({ content: "begun. " }));
      finish = () => response.end(`${chunkOf({ content: "finished." })}${chunkOf({}, { finish_reason: "stop" })}data: [DONE]\n\n`);
    };
    const running = await ask("large", true);
    await put(onlySmall);
    expect(await becomes("large", 403)).toBe(true);
    expect(await statusOf("small")).toBe(200);
    finish?.();
    const text = await running.text();
    expect(text).toContain("finished.");
    expect(text).toContain("[DONE]");
  }, 30_000);

  it("stays as it was when the new file is wrong", async () => {
    await put(broken);
    gateway.hangUp();
    await sleep(2_500);
    expect(await statusOf("large")).toBe(403);
    expect(await statusOf("small")).toBe(200);
    await put(everything);
    gateway.hangUp();
    expect(await becomes("large", 200)).toBe(true);
  }, 30_000);

  it("comes into force with what the database declares, and is refused when the two do not go together", async () => {
    const client = managing(ConnectionService, { adminUrl: gateway.adminUrl, key });
    const document = { protocol: "openai", upstream: `http://127.0.0.1:${upstream.port}/v1`, route: { models: ["declared-*"] } };
    await client.createConnection({ name: "declared", document });
    expect(await statusOf("declared-1")).toBe(200);
    await put('[{ name: testers, match: { groups: [testers], models: ["declared-*"] }, effect: allow }]');
    gateway.hangUp();
    expect(await becomes("large", 403)).toBe(true);
    expect(await statusOf("declared-1")).toBe(200);
    await put(everything, ', { name: declared, protocol: openai, upstream: "http://127.0.0.1:1/v1", route: { models: ["declared-*"] } }');
    gateway.hangUp();
    await sleep(2_500);
    expect([await statusOf("large"), await statusOf("declared-1")]).toEqual([403, 200]);
    await client.deleteConnection({ name: "declared" });
    gateway.hangUp();
    expect(await becomes("large", 200)).toBe(true);
  }, 60_000);
});
