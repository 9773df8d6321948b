import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { chunkOf, drained, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const events = 10_000;
/** Characters of each event's text: ten thousand of them are far more than what sockets and queues hold. */
const textLength = 2_400;
const bytesPerSecond = 2_000_000;
const mebibyte = 1024 * 1024;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
/** Bytes that the upstream had written when it was told to wait, at most. */
let ahead = 0;
let written = 0;

const textOf = (turn: number): string => `${turn} `.padEnd(textLength, "lorem ipsum ");

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  upstream.script = async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let turn = 0; turn < events; turn++) {
      const event = chunkOf({ content: textOf(turn) });
      written += event.length;
      if (!response.write(event)) await drained(response);
    }
    response.end(`${chunkOf({}, { finish_reason: "stop" })}data: [DONE]\n\n`);
  };
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
policies: [{ name: testers, match: { groups: [testers] }, effect: allow, mask: { response: [credentials] } }]
`,
    env: { TEST_KEY: key },
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
  await upstream.close();
});

/** Reads an answer at a limited rate; returns the texts that its events spell, hashed, and how many there were. */
const readSlowly = (): Promise<{ readonly digest: string; readonly count: number; readonly end: boolean }> =>
  new Promise((resolve, reject) => {
    const call = request(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    });
    call.on("error", reject);
    call.on("response", (response) => {
      const hash = createHash("sha256");
      let rest = "";
      let read = 0;
      let count = 0;
      let end = false;
      const begun = Date.now();
      const take = async (): Promise<void> => {
        for await (const chunk of response as AsyncIterable<Buffer>) {
          read += chunk.length;
          ahead = Math.max(ahead, written - read);
          rest += chunk.toString();
          const parts = rest.split("\n\n");
          rest = parts.pop() ?? "";
          for (const part of parts) {
            if (part === "data: [DONE]") end = true;
            else {
              const content = (JSON.parse(part.slice(6)) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content;
              if (content !== undefined) hash.update(content);
              count += 1;
            }
          }
          const due = begun + (read / bytesPerSecond) * 1_000;
          if (due > Date.now()) await sleep(due - Date.now());
        }
        resolve({ digest: hash.digest("hex"), count, end });
      };
      take().catch(reject);
    });
    call.end(JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hello" }] }));
  });

describe("ten thousand events to a reader limited to 2 MB/s", () => {
  it("arrive whole and in order, while the upstream waits and memory stays flat", async () => {
    const before = process.memoryUsage().rss;
    const { digest, count, end } = await readSlowly();
    const expected = createHash("sha256");
    for (let turn = 0; turn < events; turn++) expected.update(textOf(turn));
    expect(digest).toBe(expected.digest("hex"));
    expect(count).toBeGreaterThanOrEqual(events);
    expect(end).toBe(true);
    // Linux lets the sockets of both connections hold some 10 MB; without waiting, the whole answer of 25 MB would be under way.
    expect(ahead).toBeLessThan(16 * mebibyte);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * mebibyte);
  }, 60_000);
});
