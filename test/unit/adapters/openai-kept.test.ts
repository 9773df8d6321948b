/** Objects that the upstream keeps: what a call refers to, makes and lists, and how operations, Azure's shape and unread bodies are told apart. */

import OpenAI, { AzureOpenAI, toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operationOf } from "../../../adapters/openai/operations.ts";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { eventsOf, wireEvent } from "../../support/responses-stream.ts";
import { chatAnswer, json, pieces, ScriptedUpstream } from "../../support/upstream.ts";

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

const lastSeen = () => gateway.core.seen.at(-1);
const response = (id: string) => ({ id, object: "response", status: "completed", model: "m", output: [] });

describe("a call", () => {
  it("refers to the stored objects that its path and its body name", async () => {
    upstream.script = json(response("resp_2"));
    await client.responses.create({
      model: "m",
      previous_response_id: "resp_1",
      input: [{ role: "user", content: [{ type: "input_file", file_id: "file_1" }] }],
    });
    expect(lastSeen()?.refers).toEqual([
      { kind: "response", id: "resp_1" },
      { kind: "file", id: "file_1" },
    ]);
    expect(lastSeen()?.unseen).toEqual(["the stored conversation", "a stored file"]);
    await client.responses.retrieve("resp_2");
    expect(lastSeen()?.refers).toEqual([{ kind: "response", id: "resp_2" }]);
  });

  it("claims what its answer says is kept, whole or streamed, and nothing that is not kept", async () => {
    upstream.script = json(response("resp_whole"));
    await client.responses.create({ model: "m", input: "hello" });
    upstream.script = json(response("resp_unkept"));
    await client.responses.create({ model: "m", input: "hello", store: false });
    upstream.script = pieces(eventsOf({ ...response("resp_streamed"), output: [] }, (text) => [text]).map(wireEvent));
    for await (const event of await client.responses.create({ model: "m", input: "hello", stream: true })) expect(event.type).toBeTruthy();
    upstream.script = json({ id: "file_new", object: "file" });
    await client.files.create({ file: await toFile(Buffer.from("text"), "a.jsonl"), purpose: "batch" });
    const ids = gateway.core.claimed.map(({ kind, id }) => `${kind} ${id}`);
    expect(ids).toEqual(expect.arrayContaining(["response resp_whole", "response resp_streamed", "file file_new"]));
    expect(ids).not.toContain("response resp_unkept");
  });

  it("lists only what is the caller's", async () => {
    upstream.script = json({
      object: "list",
      data: [{ id: "file_new" }, { id: "file_of_another" }],
      first_id: "x",
      last_id: "y",
      has_more: false,
    });
    const listed = await fetch(`${gateway.url}/v1/files`);
    expect(await listed.json()).toEqual({
      object: "list",
      data: [{ id: "file_new" }],
      first_id: "file_new",
      last_id: "file_new",
      has_more: false,
    });
  });

  it("for a stream from its middle on is refused", async () => {
    const refused = await fetch(`${gateway.url}/v1/responses/resp_1?stream=true&starting_after=4`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: "starting_after" } }]);
  });

  it("names what the upstream would do on its own", async () => {
    upstream.script = json(response("resp_3"));
    await client.responses.create({
      model: "m",
      background: true,
      prompt: { id: "pmpt_1" },
      tools: [
        { type: "function", name: "f", parameters: null, strict: true },
        { type: "mcp", server_label: "s", server_url: "https://mcp.example.com" },
        { type: "web_search_preview_2025_03_11" },
      ],
      input: [
        { role: "user", content: [{ type: "input_file", file_url: "https://files.example.com/a.pdf?x=1" }] },
        { type: "item_reference", id: "msg_1" },
      ],
    });
    expect(lastSeen()?.features.toSorted()).toEqual(["background", "file_url", "item_reference", "mcp", "prompt.id", "web_search_preview"]);
  });

  it("shows the words of its items with their authors", async () => {
    upstream.script = json(response("resp_4"));
    await client.responses.create({
      model: "m",
      instructions: "be kind",
      input: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "input_text", text: "one " },
            { type: "input_text", text: "text" },
          ],
        },
        { type: "function_call", call_id: "call_1", name: "f", arguments: '{"a":1}' },
        { type: "function_call_output", call_id: "call_1", output: "result" },
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "thought" }] },
      ],
    });
    const seen = lastSeen();
    expect(seen?.codec.spans(seen.message).map(({ lane, author, text }) => [lane, author, text])).toEqual([
      ["instructions", "system", "be kind"],
      ["input.0.content", "system", "be brief"],
      ["input.1.content", "user", "one "],
      ["input.1.content", "user", "text"],
      ["input.2.name", "tool-input", "f"],
      ["input.2.arguments", "tool-input", '{"a":1}'],
      ["input.3.output", "tool-output", "result"],
      ["input.4.summary", "assistant", "thought"],
    ]);
  });

  it("shows rules about prompts what a picture is to show, and what a conversation is told", async () => {
    upstream.script = json({ data: [{ b64_json: "iVBORw0KGgo=", revised_prompt: "a secret cat" }] });
    const pictures = await client.images.generate({ model: "m", prompt: "a cat" });
    expect(pictures.data?.[0]?.revised_prompt).toBe("a [SECRET] cat");
    const asked = lastSeen();
    expect(asked?.codec.spans(asked.message).map(({ author, text }) => [author, text])).toContainEqual(["user", "a cat"]);
    upstream.script = json({ id: "conv_1", object: "conversation" });
    await client.conversations.create({ items: [{ type: "message", role: "user", content: "hello" }] });
    const told = lastSeen();
    expect(told?.codec.spans(told.message)).toMatchObject([{ lane: "items.0.content", author: "user", text: "hello" }]);
  });

  it("with a body that is no JSON goes on byte for byte, and cannot be read", async () => {
    upstream.script = json({ text: "a secret word" });
    const said = await client.audio.transcriptions.create({ file: await toFile(Buffer.from([0, 255]), "a.wav"), model: "whisper-1" });
    expect(said.text).toBe("a [SECRET] word");
    const seen = lastSeen();
    expect(seen?.codec.visibility(seen.message)).toBe("none");
    expect(upstream.calls.at(-1)?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(upstream.calls.at(-1)?.body.includes(Buffer.from([0, 255]))).toBe(true);
  });
});

describe("Azure's shape", () => {
  const azure = () =>
    new AzureOpenAI({ endpoint: gateway.url, apiKey: "weir_caller", apiVersion: "2024-10-21", deployment: "gpt-4o", maxRetries: 0 });
  const ask = { model: "gpt-4o", messages: [{ role: "user" as const, content: "hello" }] };

  it("goes on as OpenAI's where the upstream ends with /v1, the deployment being the model", async () => {
    upstream.script = json(chatAnswer("a secret"));
    const answer = await azure().chat.completions.create(ask);
    expect(answer.choices[0]?.message.content).toBe("a [SECRET]");
    expect(upstream.calls.at(-1)?.url).toBe("/v1/chat/completions");
    expect(lastSeen()?.model).toBe("gpt-4o");
    const bare = await fetch(`${gateway.url}/openai/deployments/gpt-4o/chat/completions?api-version=1`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"messages":[]}',
    });
    expect(bare.status).toBe(200);
    expect(upstream.calls.at(-1)?.body.toString()).toBe('{"model":"gpt-4o","messages":[]}');
  });

  it.each(["", "/openai"])("goes on as it came where the upstream is Azure's, given with its root '%s'", async (root) => {
    const own = await startOpenaiGateway({ connections: [upstream.connection({ upstream: `http://127.0.0.1:${upstream.port}${root}` })] });
    upstream.script = json(chatAnswer("ok"));
    await fetch(`${own.url}/openai/deployments/gpt-4o/chat/completions?api-version=1&api-key=caller`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"messages":[]}',
    });
    expect(upstream.calls.at(-1)?.url).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=1");
    await own.close();
  });

  it("refuses a body that names another model", async () => {
    const refused = await azure()
      .chat.completions.create({ ...ask, model: "gpt-5" })
      .catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ status: 400, param: "model" });
  });
});

describe("an operation", () => {
  it.each([
    ["POST", "/v1/responses/resp_1/cancel", "responses.cancel", "data"],
    ["POST", "/v1/responses/compact", "responses.compact", "data"],
    ["GET", "/v1/files/file_1/content", "files.content", "data"],
    ["POST", "/v1/images/generations", "images.generations", "data"],
    ["POST", "/v1/fine_tuning/jobs", "fine_tuning.jobs.create", "control"],
    ["GET", "/v1/models/org/name", "models.get", "inference"],
    ["POST", "/v1/evals", "POST /v1/evals", "control"],
    ["GET", "/v1/responses", "GET /v1/responses", "control"],
    ["PUT", "/v1/chat/completions", "PUT /v1/chat/completions", "control"],
  ])("%s %s is %s, a matter of %s", (method, path, name, kind) => {
    expect(operationOf(method, path).operation).toEqual({ name, class: kind });
  });
});
