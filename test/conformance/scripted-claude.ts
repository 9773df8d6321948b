/** An Anthropic-compatible upstream for the SDK tests: the name of the model asked for says how it answers. */

import type { ServerResponse } from "node:http";
import { z } from "zod";
import { eventOf, type MessageParts, messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { piecesOf } from "../support/cuts.ts";
import { ScriptedUpstream, type UpstreamCall } from "../support/upstream.ts";
import { everything, secret, sentence, signatureOf, thinking, toolCall } from "./claude-blocks.ts";

const bodySchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ content: z.unknown() })),
});
type Body = z.infer<typeof bodySchema>;

const thinkingSchema = z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const upstreamError = (response: ServerResponse, status: number, type: string, message = `The upstream says no, by ${secret}.`): void => {
  json(response, status, { type: "error", error: { type, message }, request_id: "req_upstream" });
};

/** Characters of a delta and bytes of a write: changed from answer to answer, so that everything is cut everywhere. */
let turn = 0;

const streamParts = (response: ServerResponse, parts: MessageParts): void => {
  turn += 1;
  const bytes = Buffer.from(messageEvents(parts, (text) => piecesOf(text, 1 + (turn % 7))).join(""));
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const size = 5 + ((turn * 37) % 400);
  for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
  response.end();
};

const say = (response: ServerResponse, { stream }: Body, parts: MessageParts): void => {
  if (stream === true) streamParts(response, parts);
  else json(response, 200, messageOf(parts));
};

const blocksOf = ({ messages }: Body): unknown[] => messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));

/** Refuses, as the API does, thinking that is not what it signed. */
const isForged = (body: Body): boolean =>
  blocksOf(body).some((block) => {
    const found = thinkingSchema.safeParse(block);
    return found.success && found.data.signature !== signatureOf(found.data.thinking);
  });

const resultsIn = (body: Body): number =>
  blocksOf(body).filter((block) => z.object({ type: z.literal("tool_result") }).safeParse(block).success).length;

/** Thinks before each of two tool calls, and before it answers. */
const think = (response: ServerResponse, body: Body): void => {
  const turns = resultsIn(body);
  const thought = thinking(turns === 1 ? "nothing to hide" : sentence);
  if (turns < 2) say(response, body, { content: [thought, toolCall("keep", { key: secret }, turns)], stop_reason: "tool_use" });
  else say(response, body, { content: [thought, { type: "text", text: sentence, citations: null }] });
};

const useTool = (response: ServerResponse, body: Body): void => {
  if (resultsIn(body) > 0) say(response, body, { content: [{ type: "text", text: sentence, citations: null }] });
  else say(response, body, { content: [toolCall("keep", { key: secret, city: "Ghent" })], stop_reason: "tool_use" });
};

const dieMidStream = (response: ServerResponse): void => {
  const [start = "", ping = "", begin = "", delta = ""] = messageEvents({ content: [{ type: "text", text: "half an ans" }] }, (text) => [
    text,
  ]);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(start + ping + begin + delta, () => response.destroy());
};

const failMidStream = (response: ServerResponse): void => {
  const [start = "", , begin = "", delta = ""] = messageEvents({ content: [{ type: "text", text: sentence.slice(0, 20) }] }, (text) => [
    text,
  ]);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(start + begin + delta + eventOf("error", { error: { type: "overloaded_error", message: sentence } }));
};

const cutShort: MessageParts = {
  content: [{ type: "text", text: `The key is ${secret.slice(0, 12)}`, citations: null }],
  stop_reason: "max_tokens",
};

const written = JSON.stringify({ key: secret, city: "Ghent" });

/** How each model answers. */
const models: Readonly<Record<string, (response: ServerResponse, body: Body) => void>> = {
  busy: (response) => upstreamError(response, 429, "rate_limit_error"),
  broken: (response) => upstreamError(response, 500, "api_error"),
  overloaded: (response) => upstreamError(response, 529, "overloaded_error"),
  strict: (response) => upstreamError(response, 400, "invalid_request_error"),
  locked: (response) => upstreamError(response, 401, "authentication_error"),
  html: (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome to the proxy</h1>"),
  dies: dieMidStream,
  fails: failMidStream,
  hangs: () => {},
  tools: useTool,
  thinker: think,
  everything: (response, body) => say(response, body, { content: everything }),
  cut: (response, body) => say(response, body, cutShort),
  json: (response, body) => say(response, body, { content: [{ type: "text", text: written, citations: null }] }),
  plain: (response, body) => say(response, body, { content: [{ type: "text", text: sentence, citations: null }] }),
};

/** Every model that answers. */
export const claudeModels = Object.keys(models);

const message = (response: ServerResponse, body: Body): void => {
  if (isForged(body)) upstreamError(response, 400, "invalid_request_error", "messages: `thinking` blocks cannot be modified");
  else models[body.model]?.(response, body);
};

/** Models of the list; the others answer when asked for. */
export const listedClaudes = ["plain", "everything", "tools", "thinker"] as const;

const entryOf = (id: string): object => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" });

const bodyOf = (asked: UpstreamCall): Body => bodySchema.parse(JSON.parse(asked.body.toString("utf8")));

const answer = (asked: UpstreamCall, response: ServerResponse): void => {
  const path = asked.url.split("?", 1)[0];
  if (path === "/v1/models")
    json(response, 200, { data: listedClaudes.map(entryOf), has_more: false, first_id: listedClaudes[0], last_id: listedClaudes.at(-1) });
  else if (path === "/v1/models/plain") json(response, 200, entryOf("plain"));
  else if (path === "/v1/messages/count_tokens") json(response, 200, { input_tokens: 14 });
  else if (path === "/v1/messages") message(response, bodyOf(asked));
  else upstreamError(response, 404, "not_found_error");
};

/** Starts the model on a free port of the loopback. */
export const startScriptedClaude = async (): Promise<ScriptedUpstream> => {
  const upstream = await ScriptedUpstream.start();
  upstream.script = answer;
  return upstream;
};
