/** The other end of bench/streams/run.ts, in a process of its own: the model that is asked, and the clients that ask. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { type ApiName, tokensPerAnswer, wires } from "./wires.ts";

/** Events that one write brings. */
const eventsPerWrite = 4;

const paths: Readonly<Record<ApiName, string>> = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
};

const writesOf = (name: ApiName): readonly string[] => {
  const events = wires[name](tokensPerAnswer);
  return Array.from({ length: Math.ceil(events.length / eventsPerWrite) }, (_, at) =>
    events.slice(at * eventsPerWrite, (at + 1) * eventsPerWrite).join(""),
  );
};

const answers = new Map<string, readonly string[]>([
  [paths.chat, writesOf("chat")],
  [paths.completions, writesOf("completions")],
  [paths.responses, writesOf("responses")],
  [paths.messages, writesOf("messages")],
]);

const model = createServer(async (request, response) => {
  for await (const _ of request);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const part of answers.get(request.url ?? "") ?? []) {
    response.write(part);
    // Each write is a read of its own at the gateway, as a model's tokens are.
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
});

const order = z.object({
  url: z.string(),
  key: z.string(),
  api: z.enum(["chat", "completions", "responses", "messages"]),
  answers: z.number(),
});

const ask = async (url: string, key: string, api: ApiName): Promise<void> => {
  const body = JSON.stringify({
    model: "m",
    stream: true,
    store: false,
    input: "hello",
    prompt: "hello",
    messages: [{ role: "user", content: "hello" }],
  });
  const answer = await fetch(url + paths[api], {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body,
  });
  const text = await answer.text();
  if (!answer.ok || text.length < tokensPerAnswer) throw new Error(`${api}: ${answer.status} ${text.slice(0, 200)}`);
};

/** Serves until it is killed; each message is an order, answered once it is done. */
export const servePeer = (): void => {
  process.on("message", async (message) => {
    const { url, key, api, answers: count } = order.parse(message);
    for (let at = 0; at < count; at++) await ask(url, key, api);
    process.send?.("done");
  });
  model.listen(0, "127.0.0.1", () => process.send?.({ port: (model.address() as AddressInfo).port }));
};
