import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { audit } from "../../src/sessions/index.ts";
import { openPool } from "../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../support/database.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateway-process.ts";
import { chatAnswer, chatStream, chunkOf, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  folder = await mkdtemp(join(tmpdir(), "weir-kill-"));
  const { host, user, password, database: name } = database.address;
  env = {
    TEST_KEY: key,
    TEST_DATABASE: `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}/${name}`,
    TEST_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  };
  await writeFile(
    join(folder, "weir.yaml"),
    `
listen: { address: 127.0.0.1, port: 0 }
admin: { address: 127.0.0.1, port: 0 }
database: \${env:TEST_DATABASE}
dataDir: data
encryptionKey: \${env:TEST_ENCRYPTION_KEY}
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }
policies:
  - { name: testers, match: { groups: [testers] }, effect: allow, mask: { response: [credentials] } }
`,
  );
});
afterAll(async () => {
  await database.drop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const start = (): Promise<GatewayProcess> => startGatewayProcess(join(folder, "weir.yaml"), env);

const ask = (gateway: GatewayProcess, stream: boolean): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hello" }] }),
  });

/** Makes a call to its end; returns the session that the caller was told of. */
const whole = async (gateway: GatewayProcess, stream: boolean): Promise<string> => {
  upstream.script = stream ? pieces(chatStream(["a ", "b ", "c "])) : json(chatAnswer("done"));
  const answer = await ask(gateway, stream);
  const text = await answer.text();
  expect(text).toContain(stream ? "[DONE]" : "done");
  return answer.headers.get("x-request-id") ?? "";
};

/** Begins a stream that never ends and reads its first event. */
const broken = async (gateway: GatewayProcess): Promise<string> => {
  upstream.script = (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunkOf({ content: "half a thought. " }));
  };
  const answer = await ask(gateway, true);
  await answer.body?.getReader().read();
  return answer.headers.get("x-request-id") ?? "";
};

const outcomes = async (): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await database.query("SELECT session_id, outcome FROM weir.session_ends");
  return new Map(rows.map(({ session_id, outcome }: { session_id: string; outcome: string }) => [session_id, outcome]));
};

const verify = async () => {
  const pool = openPool({ address: database.address, role: "weir_reader", log: silentLog });
  try {
    return await audit(pool);
  } finally {
    await pool.end();
  }
};

describe("a gateway that is killed in the middle of streams", () => {
  it("has, once it runs again, every session whose end a caller was told, and marks the broken ones by an appended event", async () => {
    const first = await start();
    const ended: string[] = [];
    for (let turn = 0; turn < 40; turn++) ended.push(await whole(first, turn % 2 === 0));
    const cut: string[] = [];
    for (let turn = 0; turn < 4; turn++) cut.push(await broken(first));
    ended.push(await whole(first, true));
    await first.kill();

    const second = await start();
    ended.push(await whole(second, false));
    await second.stop();

    const known = await outcomes();
    expect(ended.map((session) => known.get(session))).toEqual(ended.map(() => "answered"));
    expect(cut.map((session) => known.get(session))).toEqual(cut.map(() => "interrupted"));
    const verdict = await verify();
    expect(verdict.findings).toEqual([]);
    expect(verdict.open).toEqual([]);
    expect(verdict.sessions).toBe(ended.length + cut.length);
  }, 120_000);
});
