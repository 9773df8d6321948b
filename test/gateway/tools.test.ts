import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import OpenAI, { AzureOpenAI } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { InferenceService, Role } from "../../src/gen/weir/v1/inference_pb.ts";
import { messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { eventsOf, wireEvent } from "../support/responses-stream.ts";
import { chatAnswer, chunkOf, json, pieces, type Script, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: agent, kind: agent, groups: [agents], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${upstream.port}" }
  - { name: ollama, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}", route: { paths: [/ollama] } }
policies:
  - { name: readers, match: { groups: [agents] }, effect: allow, tools: { allow: ["read_*", "list_*", "search"] } }
  - { name: nothing-big, match: { kinds: [agent] }, effect: allow, tools: { deny: ["*_everything", "*all*"] } }
  - { name: rest, match: { groups: [agents], connections: [ollama], operations: ["POST /api/chat", "POST /v1/chat/completions", chat.completions] }, effect: allow }
`,
    env: { TEST_KEY: key },
    database: database.address,
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: key });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close()]);
});
beforeEach(() => {
  upstream.calls.length = 0;
  upstream.script = json(chatAnswer("done"));
});

const chatTool = (name: string): OpenAI.ChatCompletionTool => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { name: { type: "string" } } } },
});

const chat = (tools: OpenAI.ChatCompletionTool[]) =>
  openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "hello" }], tools });

const askOllama = (body: object): Promise<Response> =>
  fetch(`${gateway.url}/ollama/api/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "llama", messages: [{ role: "user", content: "x" }], ...body }),
  });

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe("a request that offers tools", () => {
  it("goes on where every policy about it allows each of them", async () => {
    await chat([chatTool("read_file"), chatTool("search")]);
    expect(upstream.calls).toHaveLength(1);
  });

  it("goes nowhere where one of them is allowed by no policy, and the caller learns no rule", async () => {
    const thrown = await thrownBy(chat([chatTool("read_file"), chatTool("delete_file")]));
    expect(thrown).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(thrown).toMatchObject({ code: "access_denied" });
    expect(String(thrown)).not.toMatch(/readers|read_/);
    expect(upstream.calls).toHaveLength(0);
  });

  it("goes nowhere where one policy allows a tool that another one does not", async () => {
    expect(await thrownBy(chat([chatTool("read_everything")]))).toBeInstanceOf(OpenAI.PermissionDeniedError);
  });

  it("may not offer them in the old way, nor as custom tools", async () => {
    const old = { model: "gpt-4o", messages: [{ role: "user" as const, content: "x" }], functions: [{ name: "delete_file" }] };
    expect(await thrownBy(openai.chat.completions.create(old))).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(await thrownBy(chat([{ type: "custom", custom: { name: "delete_file" } }]))).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(upstream.calls).toHaveLength(0);
  });

  it("may not offer them to the Responses API, whatever kind of tool they are", async () => {
    const offered: OpenAI.Responses.Tool[][] = [
      [{ type: "function", name: "delete_file", parameters: {}, strict: true }],
      [{ type: "custom", name: "delete_file" }],
    ];
    for (const tools of offered)
      expect(await thrownBy(openai.responses.create({ model: "gpt-4o", input: "x", tools }))).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(upstream.calls).toHaveLength(0);
  });

  it("may not offer them to Anthropic's API, the client's own kinds included", async () => {
    const offered: Anthropic.Messages.ToolUnion[] = [
      { name: "delete_file", input_schema: { type: "object" } },
      { type: "bash_20250124", name: "bash" },
    ];
    for (const tool of offered)
      expect(
        await thrownBy(
          anthropic.messages.create({ model: "claude-4", max_tokens: 9, messages: [{ role: "user", content: "x" }], tools: [tool] }),
        ),
      ).toBeInstanceOf(Anthropic.PermissionDeniedError);
    expect(upstream.calls).toHaveLength(0);
  });

  it("may not offer them on Azure's path", async () => {
    const azure = new AzureOpenAI({ endpoint: gateway.url, apiKey: key, apiVersion: "2024-10-21", deployment: "gpt-4o", maxRetries: 0 });
    const ask = (name: string) =>
      azure.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "x" }], tools: [chatTool(name)] });
    expect(await thrownBy(ask("delete_file"))).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(upstream.calls).toHaveLength(0);
    expect((await ask("read_file")).choices).toHaveLength(1);
  });

  it.each(["gRPC", "Connect"])("may not offer them to InferenceService over %s", async (protocol) => {
    const options = { baseUrl: gateway.url, httpVersion: "1.1" as const };
    const client = createClient(InferenceService, protocol === "gRPC" ? createGrpcTransport(options) : createConnectTransport(options));
    const ask = (name: string) =>
      client.generate(
        {
          model: "gpt-4o",
          messages: [{ role: Role.USER, parts: [{ kind: { case: "text", value: "x" } }] }],
          tools: [{ name, description: "", parameters: "" }],
        },
        { headers: { authorization: `Bearer ${key}` } },
      );
    expect(await thrownBy(ask("delete_file"))).toMatchObject({ code: Code.PermissionDenied });
    expect(upstream.calls).toHaveLength(0);
    await ask("read_file");
    expect(upstream.calls).toHaveLength(1);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/x-ndjson", "application/octet-stream"])(
    "may not offer them to Ollama, which never looks whether a body calls itself %s",
    async (type) => {
      const ask = (tools: string): Promise<number> =>
        fetch(`${gateway.url}/ollama/api/chat`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": type },
          body: `{"model":"llama","tools":[],${tools}}`,
        }).then(({ status }) => status);
      expect(await ask(`"tools":${JSON.stringify([chatTool("delete_file")])}`)).not.toBe(200);
      expect(upstream.calls).toHaveLength(0);
      expect(await ask(`"Tools":${JSON.stringify([chatTool("delete_file")])}`)).toBe(403);
      expect(await ask(`"Tools":${JSON.stringify([chatTool("read_file")])}`)).toBe(200);
    },
  );

  it("may not offer them to Ollama, however the keys are written, which it reads without regard to case", async () => {
    const ask = (tools: unknown): Promise<Response> => askOllama({ stream: false, ...Object(tools) });
    expect((await ask({ tools: [chatTool("delete_file")] })).status).toBe(403);
    expect((await ask({ Tools: [{ Function: { NAME: "delete_file" } }] })).status).toBe(403);
    expect((await ask({ "tool\u017f": [chatTool("delete_file")] })).status).toBe(403);
    expect(upstream.calls).toHaveLength(0);
    expect((await ask({ tools: [chatTool("read_file")] })).status).toBe(200);
  });
});

const callOf = (name: string) => ({ index: 0, id: "call_1", type: "function", function: { name, arguments: "" } });

describe("an answer that calls tools", () => {
  it("is passed on where they are allowed, and blocked where one is not", async () => {
    const calling = (name: string) => {
      const answer = { role: "assistant", content: null, tool_calls: [{ id: "c", type: "function", function: { name, arguments: "{}" } }] };
      return json({ ...Object(chatAnswer("")), choices: [{ index: 0, message: answer, finish_reason: "tool_calls" }] });
    };
    upstream.script = calling("read_file");
    expect((await chat([chatTool("read_file")])).choices[0]?.message.tool_calls).toHaveLength(1);
    upstream.script = calling("delete_file");
    const thrown = await thrownBy(chat([chatTool("read_file")]));
    expect(thrown).toMatchObject({ status: 403, code: "response_blocked" });
  });

  it("is cut where a stream comes to such a name", async () => {
    let hasRead = (): void => {};
    const firstRead = new Promise<void>((resolve) => {
      hasRead = resolve;
    });
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "let me see" }));
      await firstRead;
      response.write(chunkOf({ tool_calls: [callOf("delete_file")] }));
      response.end("data: [DONE]\n\n");
    };
    const stream = await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "x" }], stream: true });
    let text = "";
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        text += JSON.stringify(chunk);
        hasRead();
      }
    };
    expect(await thrownBy(read())).toMatchObject({ code: "response_blocked" });
    expect(text).toContain("let me see");
    expect(text).not.toContain("delete_file");
  });

  it("is blocked in Anthropic's API, whole and streamed", async () => {
    const block = { type: "tool_use", id: "toolu_1", name: "delete_file", input: {} };
    const asked = { model: "claude-4", max_tokens: 9, messages: [{ role: "user" as const, content: "x" }] };
    upstream.script = json(messageOf({ content: [block], stop_reason: "tool_use" }));
    expect(await thrownBy(anthropic.messages.create(asked))).toBeInstanceOf(Anthropic.PermissionDeniedError);
    const events = messageEvents({ content: [block], stop_reason: "tool_use" }, (text) => [text]);
    upstream.script = pieces(events);
    expect(await thrownBy(anthropic.messages.stream(asked).finalMessage())).toBeInstanceOf(Anthropic.APIError);
  });
});

describe("an answer of the Responses API that calls tools", () => {
  const calling = (type: string, name: string) => ({
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    model: "gpt-4o",
    status: "completed",
    output: [
      { type, id: "fc_1", call_id: "call_1", name, [type === "custom_tool_call" ? "input" : "arguments"]: "{}", status: "completed" },
    ],
    usage: null,
  });
  const cut = (text: string): string[] => [text];

  it.each(["function_call", "custom_tool_call"])("is blocked where a %s is not allowed, whole and streamed", async (type) => {
    upstream.script = json(calling(type, "read_file"));
    expect((await openai.responses.create({ model: "gpt-4o", input: "x" })).output).toHaveLength(1);
    upstream.script = json(calling(type, "delete_file"));
    expect(await thrownBy(openai.responses.create({ model: "gpt-4o", input: "x" }))).toMatchObject({
      status: 403,
      code: "response_blocked",
    });

    upstream.script = pieces(eventsOf(calling(type, "read_file"), cut).map(wireEvent));
    expect((await openai.responses.stream({ model: "gpt-4o", input: "x" }).finalResponse()).output).toHaveLength(1);
    upstream.script = pieces(eventsOf(calling(type, "delete_file"), cut).map(wireEvent));
    let seen = "";
    const read = async (): Promise<void> => {
      for await (const event of openai.responses.stream({ model: "gpt-4o", input: "x" })) seen += JSON.stringify(event);
    };
    expect(await thrownBy(read())).toMatchObject({ code: "response_blocked" });
    expect(seen).not.toContain("delete_file");
  });
});

describe("a name that comes in pieces", () => {
  const deltas = (...calls: readonly (readonly [index: number, name: string])[]): Script =>
    pieces([...calls.map(([index, name]) => chunkOf({ tool_calls: [{ ...callOf(name), index }] })), "data: [DONE]\n\n"]);
  const streamed = async (): Promise<string> => {
    const stream = await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "x" }], stream: true });
    let text = "";
    for await (const chunk of stream) text += JSON.stringify(chunk);
    return text;
  };

  it("is refused for what the pieces make together, and for each alone, because some clients keep the last", async () => {
    upstream.script = deltas([0, "read_al"], [0, "list_x"]);
    expect(await thrownBy(streamed())).toMatchObject({ code: "response_blocked" });
    upstream.script = deltas([0, "read_"], [0, "delete_file"]);
    expect(await thrownBy(streamed())).toMatchObject({ code: "response_blocked" });
  });

  it("is joined with no other call's, and with no repetition of itself", async () => {
    upstream.script = deltas([0, "read_al"], [1, "list_x"], [0, ""], [0, "read_al"]);
    expect(await streamed()).toContain("list_x");
  });
});

describe("an answer behind a rest connection that calls tools", () => {
  const line = (name: string): string =>
    `${JSON.stringify({ message: { role: "assistant", content: "", tool_calls: [{ function: { name, arguments: {} } }] }, done: false })}\n`;
  const typed =
    (type: string, parts: readonly string[]): Script =>
    (_call, response) => {
      response.writeHead(200, { "content-type": type });
      for (const part of parts) response.write(part);
      response.end();
    };
  const outcome = async (script: Script): Promise<string> => {
    upstream.script = script;
    const response = await askOllama({});
    return response.text().then(
      (text) => `${response.status} ${text}`,
      () => "cut",
    );
  };
  const shapes: readonly [string, (name: string) => Script][] = [
    ["Ollama's whole", (name) => json(JSON.parse(line(name)))],
    ["Ollama's whole, of no length", (name) => typed("application/json", [line(name).slice(0, 70), line(name).slice(70)])],
    ["Ollama's lines", (name) => typed("application/x-ndjson", [line("read_file"), line(name).slice(0, 70), line(name).slice(70)])],
    ["chat completions", (name) => json({ choices: [{ message: { tool_calls: [{ type: "function", function: { name } }] } }] })],
    ["a stream of chat chunks", (name) => typed("text/event-stream", [chunkOf({ tool_calls: [callOf(name)] }), "data: [DONE]\n\n"])],
    ["the Responses API", (name) => json({ output: [{ name, arguments: "{}", type: "function_call" }] })],
    ["Anthropic's Messages", (name) => json({ content: [{ type: "text" }, { type: "tool_use", id: "t", name, input: {} }] })],
    ["Anthropic's events", (name) => typed("text/event-stream", [`data: {"content_block":{"type":"tool_use","name":"${name}"}}\n\n`])],
    [
      "several texts",
      (name) => typed("text/plain", ['{"content":[{"type":"text"}]}', `{"content":[{"name":"${name}","type":"tool_use"}]}`]),
    ],
    ["JSON that nobody calls so", (name) => typed("text/plain", ["\ufeff", line(name)])],
  ];

  it.each(shapes)("is looked at: %s", async (_shape, script) => {
    expect(await outcome(script("read_file"))).toMatch(/^200 .*read_file/s);
    const refused = await outcome(script("delete_file"));
    expect(refused).not.toContain("delete_file");
    expect(refused).toMatch(/response_blocked|^cut$/);
  });

  it("is no answer where it should be JSON and cannot be read", async () => {
    const body = Buffer.concat([Buffer.from(line("read_file")), Buffer.from([0xff])]);
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
    };
    const response = await askOllama({});
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("content_unreadable");
  });
});
