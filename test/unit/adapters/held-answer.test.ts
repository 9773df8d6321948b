import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { HeldAnswer } from "../../../adapters/shared/held-answer.ts";
import { writeFailure, writeServed } from "../../../adapters/shared/http-writer.ts";
import { GatewayError } from "../../../src/envelope/error.ts";
import type { Served } from "../../../src/envelope/exchange.ts";
import { chunkOf } from "../../support/upstream.ts";

const session = "0123456789abcdef0123456789abcdef";
/** Signs of life come fifteen seconds apart; here they come in no time. */
const quickly = 5;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server whose answers are held, and then go on as told. */
const held = async (streams: boolean, goOn: (response: ServerResponse) => Promise<void> | void): Promise<string> => {
  server = createServer(async (request, response) => {
    request.resume();
    const waiting = new HeldAnswer(response, session);
    waiting.begin(streams, quickly);
    await sleep(12 * quickly);
    waiting.end();
    await goOn(response);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
};

const form = {
  body: (message: string) => message,
  part: (message: string) => message,
  refusal: (error: GatewayError) => ({ contentType: "application/json", body: JSON.stringify({ error: { code: error.reason } }) }),
  lastWords: (error: GatewayError) => `data: ${JSON.stringify({ error: { code: error.reason, message: error.message } })}\n\n`,
};

async function* batches(...messages: readonly string[]): AsyncGenerator<readonly string[]> {
  yield messages;
}

/** What only the core makes, made here for the writer alone. */
const served = (answer: unknown): Served<string> => answer as Served<string>;

const stream = (...messages: readonly string[]): Served<string> =>
  served({
    kind: "stream",
    head: { status: 200, headers: { "content-type": "text/event-stream" } },
    batches: batches(...messages),
  });

const asking = (url: string) =>
  new OpenAI({ baseURL: url, apiKey: "x" }).chat.completions.create({
    model: "m",
    stream: true,
    messages: [{ role: "user", content: "hi" }],
  });

const events = [chunkOf({ content: "hel" }), chunkOf({ content: "lo" }), "data: [DONE]\n\n"];

describe("an answer that waits for a person", () => {
  it("shows signs of life that the official SDK reads over, and then is the answer", async () => {
    const url = await held(true, (response) => writeServed(stream(...events), { response, session, form }));
    const raw = await (await fetch(url, { method: "POST" })).text();
    expect(raw.split(": waiting\n\n").length).toBeGreaterThan(1);
    expect(raw.endsWith(events.join(""))).toBe(true);
    let text = "";
    for await (const chunk of await asking(url)) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("hello");
  });

  it("is an error in the stream when a reviewer denies, once signs of life have been sent", async () => {
    const url = await held(true, (response) => writeFailure(new GatewayError("approval_denied"), { response, session, form }));
    const response = await fetch(url, { method: "POST" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe(session);
    expect(await response.text()).toContain('"code":"approval_denied"');
    const read = async (): Promise<void> => {
      for await (const _ of await asking(url));
    };
    await expect(read()).rejects.toMatchObject({ code: "approval_denied" });
  });

  it("is an event where the upstream answers with an error instead of a stream", async () => {
    const message = served({ kind: "message", head: { status: 400, headers: {} }, message: '{"error":{\n"code":"bad"}}' });
    const url = await held(true, (response) => writeServed(message, { response, session, form }));
    expect(await (await fetch(url, { method: "POST" })).text()).toMatch(/data: \{"error":\{\ndata: "code":"bad"\}\}\n\n$/);
  });

  it("is a plain status where no stream was asked for, however long it takes", async () => {
    const url = await held(false, (response) => writeFailure(new GatewayError("approval_denied"), { response, session, form }));
    const response = await fetch(url, { method: "POST" });
    expect(response.status).toBe(403);
    expect(await response.text()).toBe('{"error":{"code":"approval_denied"}}');
  });

  it("sends nothing to a caller who has left", async () => {
    const url = await held(true, () => undefined);
    const leave = new AbortController();
    const left = fetch(url, { method: "POST", signal: leave.signal }).catch(() => "left");
    await sleep(2);
    leave.abort();
    expect(await left).toBe("left");
  });
});
