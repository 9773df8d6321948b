/** Time limits of a connection, and what retrying is made of: the gateway passes it on and never does it itself. */

import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Timeouts } from "../../../src/envelope/call.ts";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatAnswer, chunkOf, json, ScriptedUpstream } from "../../support/upstream.ts";

const patient: Timeouts = { connect: 2_000, firstByte: 20_000, idle: 20_000, total: 20_000 };

let upstream: ScriptedUpstream;
const gateways: OpenaiGateway[] = [];

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await upstream.close();
});

/** Asks through a gateway whose connection has these limits. */
const ask = async (timeouts: Partial<Timeouts>, headers: Record<string, string> = {}): Promise<Response> => {
  const gateway = await startOpenaiGateway({ connections: [upstream.connection({ timeouts: { ...patient, ...timeouts } })] });
  gateways.push(gateway);
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"model":"m","messages":[]}',
  });
};

const begin = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunkOf({ content: "half an ans" }));
};

/** An upstream that keeps talking and says nothing: comments, one every 50 ms. */
const talkOn = (response: ServerResponse): void => {
  begin(response);
  const timer = setInterval(() => response.write(": still here\n\n"), 50);
  response.on("close", () => clearInterval(timer));
};

describe("an upstream", () => {
  it("that does not begin its answer in time is a plain status, and worth another try", async () => {
    upstream.script = () => {};
    const answer = await ask({ firstByte: 100 });
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([504, null]);
    expect(await answer.json()).toMatchObject({ error: { code: "upstream_timeout" } });
  });

  it.each<[string, (response: ServerResponse) => void, Partial<Timeouts>]>([
    ["falls silent in the middle of its answer", begin, { idle: 100 }],
    ["does not end its answer within the total", talkOn, { total: 300 }],
  ])("that %s is an error in the stream, and is not asked again", async (_what, script, timeouts) => {
    upstream.script = (_call, response) => script(response);
    const before = upstream.calls.length;
    const text = await (await ask(timeouts)).text();
    expect(text).toContain("half an ans");
    expect(text).toMatch(/"code":"upstream_timeout"\}\}\n\n$/);
    expect(upstream.calls.length).toBe(before + 1);
  });

  it("that dies before its first byte is not asked again either: only the caller knows whether that would do harm", async () => {
    upstream.script = (_call, _response, socket) => {
      socket.destroy();
    };
    const before = upstream.calls.length;
    expect((await ask({})).status).toBe(503);
    expect(upstream.calls.length).toBe(before + 1);
  });

  it("learns the caller's idempotency key, and how often its SDK has tried", async () => {
    upstream.script = json(chatAnswer("ok"));
    await ask({}, { "idempotency-key": "stainless-node-retry-1", "x-stainless-retry-count": "1" });
    expect(upstream.calls.at(-1)?.headers).toMatchObject({ "idempotency-key": "stainless-node-retry-1", "x-stainless-retry-count": "1" });
  });
});
