/** Chat through the gateway with the official SDK, unmodified but for its base URL. */

import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatAnswer, chatStream, chunkOf, json, pieces, ScriptedUpstream } from "../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: OpenaiGateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startOpenaiGateway({ connections: [upstream.connection()], change: (text) => text.replaceAll("secret", "[SECRET]") });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "weir_caller", maxRetries: 0 });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ask = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "hello" }] };

describe("chat completions", () => {
  it("answers a whole message with its text changed and everything else as it came", async () => {
    upstream.script = json(chatAnswer("a secret word"));
    const answer = await client.chat.completions.create(ask);
    expect(answer).toMatchObject(chatAnswer("a [SECRET] word") as object);
  });

  it("streams every piece", async () => {
    upstream.script = pieces(chatStream(["one ", "secret ", "two"]));
    let said = "";
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) said += chunk.choices[0]?.delta.content ?? "";
    expect(said).toBe("one [SECRET] two");
  });

  it("passes a stream that nobody changes byte for byte", async () => {
    const stream = [...chatStream(["a", '\\ " \u00e9 \n']), ""].join("");
    upstream.script = pieces([stream]);
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...ask, stream: true }),
    });
    expect(await response.text()).toBe(stream);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
  });

  it("sends the request as it came, with the connection's credential in place of the caller's", async () => {
    upstream.script = json(chatAnswer("ok"));
    const body = '{ "model":"m",\n "messages" : [{"role":"user","content":"\\u0068i"}], "unknown": [1.0e3, null] }';
    await fetch(`${gateway.url}/v1/chat/completions?api_key=caller&x=1`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: "Bearer caller",
        cookie: "a=b",
        "x-forwarded-for": "1.2.3.4",
        "weir-x": "y",
      },
      body,
    });
    const call = upstream.calls.at(-1);
    expect(call?.body.toString()).toBe(body);
    expect(call?.url).toBe("/v1/chat/completions?x=1");
    expect(call?.headers.authorization).toBe("Bearer upstream-key");
    expect(JSON.stringify(call?.headers)).not.toMatch(/caller|cookie|forwarded|weir/);
  });

  it("streams tool calls", async () => {
    upstream.script = pieces([
      chunkOf({ role: "assistant", tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "send", arguments: "" } }] }),
      chunkOf({ tool_calls: [{ index: 0, function: { arguments: '{"to":"' } }] }),
      chunkOf({ tool_calls: [{ index: 0, function: { arguments: 'secret"}' } }] }),
      chunkOf({}, { finish_reason: "tool_calls" }),
      "data: [DONE]\n\n",
    ]);
    const answer = await client.chat.completions.stream(ask).finalChatCompletion();
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ id: "call_1", function: { name: "send", arguments: '{"to":"[SECRET]"}' } });
  });
});
