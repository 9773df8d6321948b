/** An OpenAI-compatible upstream for the SDK tests: the name of the model asked for says how it answers. */

import type { ServerResponse } from "node:http";
import { z } from "zod";
import { ScriptedUpstream, type UpstreamCall } from "../support/upstream.ts";

/** What the model says; the gateway's policy masks its key. Made up, in the shape of an AWS access key. */
export const secret = "AKIAQ7DWEIRTESTKEY42";
export const sentence = `The key is ${secret}, keep it.`;
export const maskedSentence = "The key is [AWS_ACCESS_KEY_ID], keep it.";
export const toolArguments = `{"key":"${secret}","city":"Ghent"}`;
/** Models of the list; the others answer when asked for, as an unlisted fine-tune would. */
export const listedModels = ["plain", "tools", "embedder"] as const;

const bodySchema = z.looseObject({ model: z.string(), stream: z.boolean().optional() });
type Body = z.infer<typeof bodySchema>;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const head = (object: string, model: string) => ({ id: "chatcmpl-1", object, created: 1_700_000_000, model });

const usage = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 };

const chunk = (model: string, delta: object, finish: string | null = null) => ({
  ...head("chat.completion.chunk", model),
  choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
});

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const openStream = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
};

/** Pieces of three characters, so that whatever is to be masked arrives cut. */
const pieces = (text: string): readonly string[] => text.match(/.{1,3}/gs) ?? [];

const streamText = (response: ServerResponse, model: string): void => {
  openStream(response);
  response.write(event(chunk(model, { role: "assistant", content: "" })));
  for (const content of pieces(sentence)) response.write(event(chunk(model, { content })));
  response.write(event(chunk(model, {}, "stop")));
  response.write(event({ ...head("chat.completion.chunk", model), choices: [], usage }));
  response.end("data: [DONE]\n\n");
};

const toolCall = { id: "call_1", type: "function", function: { name: "weather", arguments: toolArguments } };

const streamTool = (response: ServerResponse, model: string): void => {
  openStream(response);
  const opening = { index: 0, id: toolCall.id, type: "function", function: { name: "weather", arguments: "" } };
  response.write(event(chunk(model, { role: "assistant", content: null, tool_calls: [opening] })));
  for (const text of pieces(toolArguments)) {
    response.write(event(chunk(model, { tool_calls: [{ index: 0, function: { arguments: text } }] })));
  }
  response.write(event(chunk(model, {}, "tool_calls")));
  response.end("data: [DONE]\n\n");
};

const whole = (response: ServerResponse, model: string, message: object, finish: string): void => {
  json(response, 200, {
    ...head("chat.completion", model),
    choices: [{ index: 0, message: { role: "assistant", refusal: null, ...message }, finish_reason: finish, logprobs: null }],
    usage,
  });
};

const upstreamError = (response: ServerResponse, status: number, type: string): void => {
  json(response, status, { error: { message: `The upstream says no, by ${secret}.`, type, param: null, code: type } });
};

const dieMidStream = (response: ServerResponse, model: string): void => {
  openStream(response);
  response.write(event(chunk(model, { role: "assistant", content: "half an ans" })), () => response.destroy());
};

const chat = (response: ServerResponse, { model, stream }: Body): void => {
  if (model === "busy") upstreamError(response, 429, "rate_limit_exceeded");
  else if (model === "broken") upstreamError(response, 500, "server_error");
  else if (model === "strict") upstreamError(response, 422, "unprocessable");
  else if (model === "locked") upstreamError(response, 401, "invalid_api_key");
  else if (model === "html") response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome to the proxy</h1>");
  else if (model === "dies") dieMidStream(response, model);
  else if (model === "hangs") return;
  else if (model === "tools" && stream === true) streamTool(response, model);
  else if (model === "tools") whole(response, model, { content: null, tool_calls: [toolCall] }, "tool_calls");
  else if (stream === true) streamText(response, model);
  else whole(response, model, { content: sentence }, "stop");
};

const embeddings = (response: ServerResponse, { model }: Body): void => {
  json(response, 200, {
    object: "list",
    model,
    data: [{ object: "embedding", index: 0, embedding: [0.25, -0.5, 0.125] }],
    usage: { prompt_tokens: 2, total_tokens: 2 },
  });
};

const models = (response: ServerResponse): void => {
  const data = listedModels.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "test" }));
  json(response, 200, { object: "list", data });
};

const bodyOf = (call: UpstreamCall): Body => bodySchema.parse(JSON.parse(call.body.toString("utf8")));

const answer = (call: UpstreamCall, response: ServerResponse): void => {
  if (call.url === "/v1/models") models(response);
  else if (call.url === "/v1/embeddings") embeddings(response, bodyOf(call));
  else if (call.url === "/v1/chat/completions") chat(response, bodyOf(call));
  else upstreamError(response, 404, "not_found");
};

/** Starts the model on a free port of the loopback. */
export const startScriptedModel = async (): Promise<ScriptedUpstream> => {
  const upstream = await ScriptedUpstream.start();
  upstream.script = answer;
  return upstream;
};
