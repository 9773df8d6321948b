/** Slow readers, and readers that leave. */

import { type IncomingMessage, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chunkOf, drained, type Script, ScriptedUpstream } from "../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: OpenaiGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startOpenaiGateway({ connections: [upstream.connection()] });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] });

const open = (): Promise<{ response: IncomingMessage; leave: () => void }> =>
  new Promise((resolve, reject) => {
    const call = request(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" } });
    call.on("response", (response) => resolve({ response, leave: () => response.destroy() })).on("error", reject);
    call.end(body);
  });

describe("a slow reader", () => {
  it("holds the upstream back, and gets every event", async () => {
    const events = 10_000;
    const padding = "x".repeat(2_000);
    let written = 0;
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (; written < events; written++) {
        if (!response.write(chunkOf({ content: `${padding}${written};` }))) await drained(response);
      }
      response.end("data: [DONE]\n\n");
    };
    const { response } = await open();
    // Nothing is read here yet: once the buffers of sockets are full, the upstream waits.
    const stalled = await settled(() => written);
    expect(stalled).toBeLessThan(events);
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const numbers = Array.from(text.matchAll(/x(\d+);"/g), ([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: events }, (_, index) => index));
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});

/** What a number comes to rest at: the same at several looks in a row. */
const settled = async (look: () => number): Promise<number> => {
  let seen = look();
  for (let calm = 0; calm < 5; ) {
    await pause(100);
    const now = look();
    calm = now === seen ? calm + 1 : 0;
    seen = now;
  }
  return seen;
};

describe("a reader that leaves", () => {
  const endless: Script = (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "one" }));
  };

  it("takes the upstream's connection with it, though the upstream says nothing", async () => {
    upstream.script = endless;
    const { response, leave } = await open();
    await new Promise((resolve) => response.once("data", resolve));
    leave();
    await upstream.calls.at(-1)?.closed;
    await expect.poll(() => gateway.core.failures.at(-1)).toMatchObject({ reason: "cancelled" });
  });

  it("before the answer's head takes it too", async () => {
    const asked = upstream.calls.length;
    upstream.script = () => {};
    const call = request(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" } });
    call.on("error", () => {});
    call.end(body);
    await expect.poll(() => upstream.calls.length).toBe(asked + 1);
    call.destroy();
    await upstream.calls.at(-1)?.closed;
    await expect.poll(() => gateway.core.failures.at(-1)).toMatchObject({ reason: "cancelled" });
  });

  it("while it is slow takes it too", async () => {
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      while (!response.destroyed) {
        if (!response.write(chunkOf({ content: "x".repeat(10_000) }))) {
          await drained(response);
        }
      }
    };
    const { leave } = await open();
    await pause(200);
    leave();
    await upstream.calls.at(-1)?.closed;
  });
});
