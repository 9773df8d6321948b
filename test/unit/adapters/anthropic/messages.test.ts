/** Messages through the gateway with the official SDK, unmodified but for its base URL. */

import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnthropicGateway, anthropicConnection, startAnthropicGateway } from "../../../support/anthropic-gateway.ts";
import { messageEvents } from "../../../support/anthropic-messages.ts";
import { piecesOf } from "../../../support/cuts.ts";
import { json, pieces, ScriptedUpstream } from "../../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: AnthropicGateway;
let client: Anthropic;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startAnthropicGateway({
    connections: [anthropicConnection(upstream)],
    change: (text) => text.replaceAll("secret", "[SECRET]"),
    masked: true,
  });
  client = new Anthropic({ baseURL: gateway.url, apiKey: "weir_caller", maxRetries: 0 });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ask = { model: "claude-test", max_tokens: 100, messages: [{ role: "user" as const, content: "hello" }] };

const answerOf = (content: readonly unknown[], rest: Record<string, unknown> = {}): object => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-test",
  content,
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 7 },
  ...rest,
});

describe("POST /v1/messages", () => {
  it("answers a whole message with its text changed and everything else as it came", async () => {
    upstream.script = json(answerOf([{ type: "text", text: "a secret word", citations: null }]));
    const answer = await client.messages.create(ask);
    expect(answer).toMatchObject(answerOf([{ type: "text", text: "a [SECRET] word", citations: null }]));
    expect(upstream.calls.at(-1)?.url).toBe("/v1/messages");
    expect(upstream.calls.at(-1)?.headers).toMatchObject({ "x-api-key": "upstream-key", "anthropic-version": expect.any(String) });
  });

  it("changes the input of tools value by value, and leaves its spelling elsewhere", async () => {
    const body =
      '{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"send","input":{ "to" : "secret", "n": 1.0 }}],"stop_reason":"tool_use"}';
    upstream.script = (_call, response) => void response.writeHead(200, { "content-type": "application/json" }).end(body);
    const answer = await fetch(`${gateway.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ask),
    });
    expect(await answer.text()).toBe(body.replace("secret", "[SECRET]"));
  });

  it("empties the signature of thinking whose words changed, and of no other", async () => {
    const thinking = (words: string, signature: string): unknown => ({ type: "thinking", thinking: words, signature });
    upstream.script = json(answerOf([thinking("a secret thought", "c2ln"), thinking("a plain one", "c2lnbmVk")]));
    const { content } = await client.messages.create(ask);
    expect(content).toEqual([thinking("a [SECRET] thought", ""), thinking("a plain one", "c2lnbmVk")]);
  });

  it("leaves what only the API can read as it came, whatever a masker finds in it by chance, and takes it for text where it does not look so", async () => {
    const seal = `${"A".repeat(140)}secret${"B".repeat(40)}`;
    const blocks = (data: string): unknown[] => [
      { type: "thinking", thinking: "a plain one", signature: data },
      { type: "redacted_thinking", data },
      {
        type: "web_search_tool_result",
        tool_use_id: "srvtoolu_1",
        content: [{ type: "web_search_result", title: "t", encrypted_content: data }],
      },
    ];
    upstream.script = json(answerOf(blocks(seal)));
    expect((await client.messages.create(ask)).content).toEqual(blocks(seal));
    upstream.script = json(answerOf(blocks("a secret")));
    expect(JSON.stringify((await client.messages.create(ask)).content)).not.toContain("a secret");
  });

  it("takes thinking without a signature out of the next request, and a message of nothing else with it", async () => {
    upstream.script = json(answerOf([]));
    const unsigned = { type: "thinking" as const, thinking: "a [SECRET] thought", signature: "" };
    const signed = { type: "thinking" as const, thinking: "a plain one", signature: "c2lnbmVk" };
    const call = { type: "tool_use" as const, id: "toolu_1", name: "send", input: {} };
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: "go" },
      { role: "assistant", content: [unsigned, call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "done" }] },
      { role: "assistant", content: [signed, unsigned, { type: "text", text: "so" }] },
      { role: "assistant", content: [unsigned] },
    ];
    await client.messages.create({ ...ask, messages });
    const sent = JSON.parse(String(upstream.calls.at(-1)?.body));
    expect(sent.messages).toEqual([
      messages[0],
      { role: "assistant", content: [call] },
      messages[2],
      { role: "assistant", content: [signed, { type: "text", text: "so" }] },
    ]);
  });

  it("passes the names of beta features on, however many", async () => {
    upstream.script = json(answerOf([]));
    const betas = Array.from({ length: 20 }, (_, index) => `a-feature-of-tomorrow-2030-01-${index + 10}`);
    await client.beta.messages.create({ ...ask, betas });
    expect(upstream.calls.at(-1)?.headers["anthropic-beta"]).toBe(betas.join(","));
  });

  it("passes a stream that nobody changes byte for byte", async () => {
    const parts = {
      content: [
        { type: "text", text: 'a "quoted" \\ \u00e9\n' },
        { type: "tool_use", id: "toolu_1", name: "x", input: { a: 1 } },
      ],
    };
    const stream = messageEvents(parts, (text) => piecesOf(text, 3))
      .map((event, index) => (index % 3 === 0 ? event.replaceAll("\n", "\r\n") : `: hi\nretry: 10\n${event.replace("data: {", "data:{")}`))
      .join("")
      .slice(0, -1);
    upstream.script = pieces([stream.slice(0, 700), stream.slice(700)]);
    const answer = await fetch(`${gateway.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...ask, stream: true }),
    });
    expect(await answer.text()).toBe(stream);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.headers.get("request-id")).toBe(answer.headers.get("x-request-id"));
  });
});
