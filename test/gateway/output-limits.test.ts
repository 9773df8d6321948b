import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { eventsOf, wireEvent } from "../support/responses-stream.ts";
import { chatAnswer, chunkOf, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const meteredKey = `weir_${randomBytes(32).toString("hex")}`;
/** Tokens: room for three answers of all {@link words}, and their prompts of one. */
const perDay = 40;
/** Of one token each, the first of a text aside. */
const words = ["one", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", " eleven", " twelve"];
const most = 8;
const kept = words.slice(0, most).join("");
const messages = [{ role: "user" as const, content: "count" }];

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  const address = `http://127.0.0.1:${upstream.port}/v1`;
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { auditor: [team] }
identities: [{ name: app, kind: service, groups: [team], apiKey: "\${env:APP}" }, { name: metered, kind: service, groups: [metered], apiKey: "\${env:METERED}" }]
connections:
  - { name: gpt, protocol: openai, upstream: "${address}" }
  - { name: claude, protocol: anthropic, upstream: "${address}" }
  - { name: flask, protocol: rest, upstream: "${address}", operations: [{ name: say, method: POST, path: /say }] }
policies:
  - { name: team, match: { groups: [team] }, effect: allow, limits: { outputTokens: 20 }, mask: { custom: [{ name: ticket, regex: "T-[0-9]{4}" }] } }
  - { name: narrow, match: { groups: [team] }, effect: allow, limits: { outputTokens: ${most} } }
  - { name: metered, match: { groups: [metered] }, effect: allow, limits: { tokensPerDay: ${perDay} } }
`,
    env: { APP: key, METERED: meteredKey },
    database: database.address,
  });
  openai = new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: key, baseURL: gateway.url, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close()]);
});

/** What the upstream was asked last. */
const asked = (): Record<string, unknown> => JSON.parse(String(upstream.calls.at(-1)?.body)) as Record<string, unknown>;

/** An endless model: it never stops by itself, and tells when nobody listens any more. */
const endless = (events: readonly string[], more: string) => {
  let gone = (): void => undefined;
  const left = new Promise<void>((resolve) => {
    gone = resolve;
  });
  upstream.script = async (call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(event);
    const timer = setInterval(() => response.write(more), 1);
    await call.closed;
    clearInterval(timer);
    gone();
  };
  return left;
};

const content = words.map((word) => chunkOf({ content: word }));

describe("a limit of output tokens", () => {
  it("ends a chat as its API does, and takes the model off the line", async () => {
    const left = endless([chunkOf({ role: "assistant", content: "" }), ...content], chunkOf({ content: " more" }));
    const stream = await openai.chat.completions.create({
      model: "gpt-4o",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    const reasons: unknown[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(kept);
    expect(reasons).toEqual(["length"]);
    expect(usage).toMatchObject({ completion_tokens: most });
    expect(asked()).toMatchObject({ max_completion_tokens: most });
    await left;
  });

  it("ends every choice that is open, and shares what may be asked for out to them", async () => {
    const both = words.flatMap((word) => [0, 1].map((index) => chunkOf({ content: word }, { index })));
    void endless(
      [chunkOf({ content: "" }, { index: 2 }), chunkOf({}, { index: 2, finish_reason: "stop" }), ...both],
      chunkOf({ content: " more" }),
    );
    const body = { model: "gpt-4o", messages, stream: true, n: 3, max_tokens: 900 } as const;
    const said = ["", "", ""];
    const reasons: Record<number, string> = {};
    for await (const { choices } of await openai.chat.completions.create(body))
      for (const { index, delta, finish_reason } of choices) {
        said[index] += delta.content ?? "";
        if (finish_reason) reasons[index] = finish_reason;
      }
    expect(said).toEqual([words.slice(0, 4).join(""), words.slice(0, 4).join(""), ""]);
    expect(reasons).toEqual({ 0: "length", 1: "length", 2: "stop" });
    expect(asked()).toMatchObject({ max_tokens: 2 });
    expect(asked()).not.toHaveProperty("max_completion_tokens");
  });

  it("ends a legacy completion", async () => {
    const chunk = (text: string): string =>
      `data: ${JSON.stringify({ id: "cmpl-1", object: "text_completion", created: 1, model: "m", choices: [{ index: 0, text, logprobs: null, finish_reason: null }] })}\n\n`;
    void endless(words.map(chunk), chunk(" more"));
    let text = "";
    let reason: unknown;
    for await (const { choices } of await openai.completions.create({ model: "m", prompt: "count", stream: true })) {
      text += choices[0]?.text ?? "";
      reason = choices[0]?.finish_reason ?? reason;
    }
    expect([text, reason]).toEqual([kept, "length"]);
    expect(asked()).toMatchObject({ max_tokens: most });
  });

  it("ends a message of Anthropic's, which its SDK puts together", async () => {
    const block = { type: "text", text: words.join("") };
    upstream.script = pieces(messageEvents({ content: [block], stop_reason: "end_turn" }, () => words));
    const message = await anthropic.messages.stream({ model: "claude-4", max_tokens: 5_000, messages }).finalMessage();
    expect(message).toMatchObject({ content: [{ type: "text", text: kept }], stop_reason: "max_tokens", usage: { output_tokens: most } });
    expect(asked()).toMatchObject({ max_tokens: most });
  });

  it("says less in whole answers too, and why", async () => {
    upstream.script = json(chatAnswer(words.join("")));
    const chat = await openai.chat.completions.create({ model: "gpt-4o", messages, max_completion_tokens: 5 });
    expect(chat.choices).toMatchObject([{ message: { content: kept }, finish_reason: "length" }]);
    expect(asked()).toMatchObject({ max_completion_tokens: 5 });
    upstream.script = json(messageOf({ content: [{ type: "text", text: words.join("") }], stop_reason: "end_turn" }));
    const message = await anthropic.messages.create({ model: "claude-4", max_tokens: 5_000, messages });
    expect(message).toMatchObject({ content: [{ type: "text", text: kept }], stop_reason: "max_tokens" });
  });

  it("leaves what is short enough as it came", async () => {
    upstream.script = json(chatAnswer("one two"));
    const chat = await openai.chat.completions.create({ model: "gpt-4o", messages });
    expect(chat.choices).toMatchObject([{ message: { content: "one two" }, finish_reason: "stop" }]);
  });

  it("refuses what its protocol cannot shorten", async () => {
    const body = { say: words.join("") };
    const request = { prompt: "count", options: { num_predict: 900 } };
    upstream.script = json(body, 200, { "content-length": String(JSON.stringify(body).length) });
    const answer = await fetch(`${gateway.url}/flask/say`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    expect(asked()).toEqual({ prompt: "count", options: { num_predict: most } });
    const short = JSON.stringify({ say: "one" });
    upstream.script = json({ say: "one" }, 200, { "content-length": String(short.length), "x-note": words.join("") });
    const passed = await fetch(`${gateway.url}/flask/say`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
    expect([passed.status, await passed.text()]).toEqual([200, short]);
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: "response_blocked" }]);
  });
});

const part = { type: "output_text", text: words.join(""), annotations: [] };
const message = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [part] };
const response = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  model: "gpt-4o",
  output: [message],
  error: null,
  incomplete_details: null,
};

describe("a limit of output tokens in the Responses API", () => {
  it("ends a stream as incomplete, every copy of the text being what the deltas said", async () => {
    upstream.script = pieces(eventsOf(response, () => words).map(wireEvent));
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const stream = openai.responses.stream({ model: "gpt-4o", input: "count" });
    for await (const event of stream) events.push(event);
    const deltas = events.flatMap((event) => (event.type === "response.output_text.delta" ? [event.delta] : []));
    expect(deltas.join("")).toBe(kept);
    expect(events.map(({ type }) => type).slice(-4)).toEqual([
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.incomplete",
    ]);
    const final = await stream.finalResponse();
    expect(final).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      usage: { output_tokens: most },
    });
    expect(final.output).toMatchObject([{ type: "message", status: "incomplete", content: [{ text: kept }] }]);
    for (const event of events) for (const copy of [...JSON.stringify(event).matchAll(/"text":"([^"]+)"/g)]) expect(copy[1]).toBe(kept);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(asked()).toMatchObject({ max_output_tokens: most });
  });

  it("says in a whole answer that it is incomplete", async () => {
    upstream.script = json(response);
    const answer = await openai.responses.create({ model: "gpt-4o", input: "count" });
    expect(answer).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output_text: kept });
    expect(answer.output).toMatchObject([{ status: "incomplete" }]);
  });
});

describe("a limit of tokens per day", () => {
  it("counts what a Responses stream says once, however often its events repeat it, and nothing of what they repeat of the request", async () => {
    const client = new OpenAI({ apiKey: meteredKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    upstream.script = pieces(eventsOf({ ...response, instructions: words.join(""), usage: null }, () => words).map(wireEvent));
    const ask = async (): Promise<string> => {
      const stream = client.responses.stream({ model: "gpt-4o", input: "count", max_output_tokens: words.length });
      return (await stream.finalResponse()).output_text;
    };
    for (let call = 0; call < 3; call += 1) expect(await ask()).toBe(words.join(""));
    await expect(ask()).rejects.toMatchObject({ status: 429 });
  });
});
