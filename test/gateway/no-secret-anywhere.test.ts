import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createLog } from "../../src/telemetry/index.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { filesBelow, tablesOf, textOf, writings } from "../support/kept.ts";
import { chunkOf, ScriptedUpstream } from "../support/upstream.ts";

/** Made up, in the forms of a card number, an e-mail address, an AWS key, a JSON Web Token and a private key. */
const secrets = [
  "4111 1111 1111 1111",
  "carol.danvers@qzvkwj.example",
  "AKIAQ3EGRIJ5KZT7XW2M",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ3ZWlyLXRlc3QifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXkA",
  "ghp_012345678901234567890123456789AbCdEf",
] as const;

/** Parts of the secrets that no masked text may hold: long enough to mean something, short enough to catch a leaked head or tail. */
const needles = secrets.flatMap((secret) => [secret.slice(0, 12), secret.slice(-12)]);

const key = `weir_${randomBytes(32).toString("hex")}`;
const upstreamKey = `up-${randomBytes(24).toString("hex")}`;
const calls = 1_200;
const atOnce = 8;

const random = (below: number): number => Math.floor(Math.random() * below);

const cut = (text: string): string[] => {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = 1 + random(6);
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
};

const sayAll = (): string => secrets.map((secret) => `see ${secret} now`).join(", ");

/** One stream that says every secret as content, reasoning and tool arguments, each cut at random, in events cut at random. */
const streamOf = (): Buffer => {
  const tool = (text: string, opening: boolean) =>
    chunkOf({
      tool_calls: [
        {
          index: 0,
          ...(opening ? { id: "call_1", type: "function" } : {}),
          function: { ...(opening ? { name: "send" } : {}), arguments: text },
        },
      ],
    });
  const events = [
    chunkOf({ role: "assistant", content: "" }),
    ...cut(sayAll()).map((reasoning_content) => chunkOf({ reasoning_content })),
    ...cut(sayAll()).map((content) => chunkOf({ content })),
    ...cut(JSON.stringify({ text: sayAll() })).map((text, index) => tool(text, index === 0)),
    chunkOf({}, { finish_reason: "tool_calls" }),
    "data: [DONE]\n\n",
  ];
  return Buffer.from(events.join(""));
};

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
let logged = "";

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  upstream.script = async (call, response) => {
    if (call.url.endsWith("/embeddings")) {
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { message: sayAll(), type: "invalid", param: null, code: null } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = streamOf();
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + random(4_000);
      response.write(bytes.subarray(at, at + length));
      at += length;
      if (random(4) === 0) await new Promise(setImmediate);
    }
    response.end();
  };
  const destination = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
  - name: gpt
    protocol: openai
    upstream: http://127.0.0.1:${upstream.port}/v1
    credential: { header: authorization, value: "Bearer \${env:UPSTREAM_KEY}" }
policies:
  - name: testers
    match: { groups: [testers] }
    effect: allow
    prompts: { deny: ["open sesame"] }
    mask: { request: [all], response: [all] }
`,
    env: { TEST_KEY: key, UPSTREAM_KEY: upstreamKey },
    log: createLog({ level: "debug", destination }),
  });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
  await upstream.close();
});

const ask = (path: string, body: object): Promise<Response> =>
  fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const messages = (content: string) => [{ role: "user", content }];

const oneCall = async (turn: number): Promise<string> => {
  if (turn % 10 === 0) return (await ask("embeddings", { model: "m", input: sayAll() })).text();
  if (turn % 10 === 1) return (await ask("chat/completions", { model: "m", messages: messages(`open sesame ${sayAll()}`) })).text();
  return (await ask("chat/completions", { model: "m", stream: true, messages: messages(sayAll()) })).text();
};

const found = (text: string): readonly string[] => needles.filter((needle) => text.includes(needle));

/** What must not be in anything that is kept: the secrets, in plain and in base64 or hexadecimal, and the credentials of caller and connection. */
const kept = [...needles, key, upstreamKey].flatMap(writings);

const sought = (text: string): readonly string[] => kept.filter((needle) => text.includes(needle));

describe("after a thousand streams cut at random, through every surface of the OpenAI adapter,", () => {
  it("no part of a secret is in what callers or upstreams got, in a log, or in any file of the data folder", async () => {
    const leaks = new Set<string>();
    let turn = 0;
    let answers = 0;
    const worker = async (): Promise<void> => {
      while (turn < calls) {
        const text = await oneCall(turn++);
        answers += text.length > 0 ? 1 : 0;
        for (const needle of found(text)) leaks.add(`caller: ${needle}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    expect(answers).toBe(calls);
    for (const call of upstream.calls) for (const needle of found(call.body.toString())) leaks.add(`upstream: ${needle}`);
    expect(upstream.calls.length).toBeGreaterThan(calls / 2);
    const journal = filesBelow(gateway.dataDir).map(textOf);
    expect(journal.join("").length).toBeGreaterThan(1_000);
    await gateway.stop();
    for (const text of [logged, ...journal, ...(await tablesOf(database))])
      for (const needle of sought(text)) leaks.add(`log, journal or table: ${needle}`);
    await database.query("CHECKPOINT");
    const { rows } = await database.query("SHOW data_directory");
    for (const file of filesBelow(rows[0].data_directory)) {
      for (const needle of sought(textOf(file))) leaks.add(`${file}: ${needle}`);
    }
    expect([...leaks]).toEqual([]);
  }, 300_000);
});
