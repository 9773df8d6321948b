/** Embeddings, models, unknown paths, and what the official SDK makes of refusals. */

import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openaiAdapter } from "../../../adapters/openai/index.ts";
import { Upstreams } from "../../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../../src/connections/index.ts";
import { GatewayError, type Reason } from "../../../src/envelope/error.ts";
import type { Serve } from "../../../src/envelope/exchange.ts";
import { Listener } from "../../../src/listener/index.ts";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatAnswer, json, ScriptedUpstream } from "../../support/upstream.ts";

let first: ScriptedUpstream;
let second: ScriptedUpstream;
let gateway: OpenaiGateway;
let client: OpenAI;

beforeAll(async () => {
  first = await ScriptedUpstream.start();
  second = await ScriptedUpstream.start();
  gateway = await startOpenaiGateway({
    connections: [first.connection(), second.connection({ name: "other" })],
    change: (text) => text.replaceAll("secret", "[SECRET]"),
    mayUse: (connection, model) => !(connection.name === "other" && model === "hidden"),
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "weir_caller", maxRetries: 0 });
});

afterAll(async () => {
  await gateway.close();
  await first.close();
  await second.close();
});

const list = (...ids: string[]): unknown => ({
  object: "list",
  data: ids.map((id) => ({ id, object: "model", created: 1, owned_by: "o" })),
});
const modelIds = async (): Promise<string[]> => (await client.models.list()).data.map(({ id }) => id);

describe("models", () => {
  it("are one list of all connections, without what the caller may not use", async () => {
    first.script = json(list("a", "b"));
    second.script = json(list("b", "hidden", "c"));
    expect(await modelIds()).toEqual(["a", "b", "c"]);
  });

  it("are listed as long as one connection answers", async () => {
    first.script = (_call, _response, socket) => {
      socket.destroy();
    };
    second.script = json(list("c"));
    expect(await modelIds()).toEqual(["c"]);
  });

  it("fail when no connection answers", async () => {
    second.script = first.script;
    await expect(modelIds()).rejects.toMatchObject({ status: 503, code: "upstream_unavailable" });
  });

  it("can be asked for one by one, slashes in their names included", async () => {
    first.script = json({ id: "org/a", object: "model", created: 1, owned_by: "o" });
    const response = await fetch(`${gateway.url}/v1/models/org/a`);
    expect(await response.json()).toMatchObject({ id: "org/a" });
    expect(gateway.core.seen.at(-1)).toMatchObject({ model: "org/a", everyConnection: false });
  });
});

describe("embeddings", () => {
  it("pass their numbers untouched and show every input as a text of its own", async () => {
    first.script = json({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.25, -1] }],
      model: "e",
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    const answer = await client.embeddings.create({ model: "e", input: ["one", "two"], encoding_format: "float" });
    expect(answer.data[0]?.embedding).toEqual([0.25, -1]);
    const seen = gateway.core.seen.at(-1);
    expect(seen?.codec.spans(seen.message)).toMatchObject([
      { lane: "input.0", author: "user", text: "one" },
      { lane: "input.1", author: "user", text: "two" },
    ]);
  });

  it("of token ids cannot be read", async () => {
    first.script = json(list());
    await client.embeddings.create({ model: "e", input: [[1, 2]], encoding_format: "float" });
    const seen = gateway.core.seen.at(-1);
    expect(seen?.codec.visibility(seen.message)).toBe("none");
  });
});

describe("what a request shows", () => {
  it("is each text with its author, and what the upstream would do on its own", async () => {
    first.script = json(chatAnswer("ok"));
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        messages: [
          { content: "be kind", role: "developer" },
          {
            role: "user",
            content: [
              { type: "text", text: "a" },
              { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
              { type: "text", text: "b" },
            ],
          },
          { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: '{"x":1}' } }] },
          { role: "tool", tool_call_id: "c", content: "result" },
        ],
        tools: [{ type: "web_search" }],
        model: "m",
        n: 2,
        max_tokens: 10,
        strange: { "a key": "a value" },
      }),
    });
    const seen = gateway.core.seen.at(-1);
    expect(seen).toMatchObject({ model: "m", maxOutputTokens: 20, features: ["web_search"] });
    expect(seen?.codec.visibility(seen.message)).toBe("partial");
    expect(seen?.codec.spans(seen.message).map(({ lane, author, syntax, text }) => [lane, author, syntax, text])).toEqual([
      ["messages.0.content", "system", "plain", "be kind"],
      ["messages.1.content", "user", "plain", "a"],
      ["messages.1.content", "user", "plain", "b"],
      ["messages.2.tool_calls.0.function.name", "tool-input", "plain", "f"],
      ["messages.2.tool_calls.0.function.arguments", "tool-input", "json", '{"x":1}'],
      ["messages.3.content", "tool-output", "plain", "result"],
      ["strange#key", "data", "plain", "strange"],
      ["strange.a key#key", "data", "plain", "a key"],
      ["strange.a key", "data", "plain", "a value"],
    ]);
  });
});

describe("keys that are masked alike", () => {
  it("stay apart, so that the answer has one reading", async () => {
    first.script = json({ ...(chatAnswer("ok") as object), strange: { "a secret": 1, "a  secret": 2, "a [SECRET]": 3 } });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"model":"m","messages":[]}',
    });
    expect(await response.json()).toMatchObject({ strange: { "a [SECRET] 2": 1, "a  [SECRET]": 2, "a [SECRET]": 3 } });
  });
});

describe("a path that nobody has described", () => {
  it("is walked both ways, event streams included", async () => {
    first.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end('event: something.said\ndata: {"delta":"a secret","n":1}\n\n: secret comment\n\n');
    };
    const response = await fetch(`${gateway.url}/v1/somethings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"model":"m","input":"hello"}',
    });
    expect(await response.text()).toBe('event: something.said\ndata: {"delta":"a [SECRET]","n":1}\n\n: [SECRET] comment\n\n');
  });
});

describe("a refusal", () => {
  const refused = async (reason: Reason): Promise<{ client: OpenAI; close: () => Promise<void> }> => {
    const serve: Serve = () => Promise.reject(new GatewayError(reason, undefined, { retryAfter: 1 }));
    const upstreams = new Upstreams({ network: networkOf(() => true) });
    const listener = new Listener({ surfaces: [openaiAdapter({ serve, upstreams })], ready: () => true });
    const port = await listener.listen(0, "127.0.0.1");
    return { client: new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "k", maxRetries: 2 }), close: () => listener.drain(0) };
  };

  it.each<[Reason, new (...args: never[]) => Error]>([
    ["credential_invalid", OpenAI.AuthenticationError],
    ["access_denied", OpenAI.PermissionDeniedError],
    ["prompt_blocked", OpenAI.PermissionDeniedError],
    ["request_invalid", OpenAI.BadRequestError],
    ["target_unknown", OpenAI.NotFoundError],
    ["upstream_invalid", OpenAI.InternalServerError],
    ["masking_failed", OpenAI.InternalServerError],
    ["operation_unsupported", OpenAI.InternalServerError],
  ])("%s raises the SDK's own exception, and is not tried again", async (reason, type) => {
    const { client: caller, close } = await refused(reason);
    const failure = await caller.chat.completions.create({ model: "m", messages: [] }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(type);
    expect(failure).toMatchObject({ code: reason, requestID: expect.stringMatching(/^[0-9a-f]{32}$/) });
    await close();
  });
});
