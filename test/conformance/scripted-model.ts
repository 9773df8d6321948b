/** An OpenAI-compatible upstream for the SDK tests: the name of the model asked for says how it answers. */

import type { ServerResponse } from "node:http";
import { z } from "zod";
import { ScriptedUpstream, type UpstreamCall } from "../support/upstream.ts";
import { type Ending, streamError, streamResponse, wholeResponse } from "./scripted-responses.ts";

/** What the model says; the gateway's policy masks its key. Made up, in the shape of an AWS access key. */
export const secret = "AKIAQ7DWEIRTESTKEY42";
export const sentence = `The key is ${secret}, keep it.`;
export const maskedSentence = "The key is [AWS_ACCESS_KEY_ID], keep it.";
export const toolArguments = `{"key":"${secret}","city":"Ghent"}`;
/** Models of the list; the others answer when asked for, as an unlisted fine-tune would. */
export const listedModels = ["plain", "tools", "embedder"] as const;

const turns = z.array(z.looseObject({ role: z.string().optional(), type: z.string().optional() }));
const bodySchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  n: z.number().optional(),
  messages: turns.optional(),
  input: z.union([z.string(), turns, z.array(z.string())]).optional(),
});
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

/** Whether the conversation has come to the tool's answer: then the model says its sentence. */
const hasAnswer = ({ messages = [], input }: Body): boolean =>
  [...messages, ...(Array.isArray(input) ? input : [])].some(
    (turn) => typeof turn === "object" && (turn.role === "tool" || turn.type === "function_call_output"),
  );

const callsTool = (body: Body): boolean => body.model === "tools" && !hasAnswer(body);

const chat = (response: ServerResponse, body: Body): void => {
  const { model, stream } = body;
  const calls = callsTool(body);
  if (model === "busy") upstreamError(response, 429, "rate_limit_exceeded");
  else if (model === "broken") upstreamError(response, 500, "server_error");
  else if (model === "strict") upstreamError(response, 422, "unprocessable");
  else if (model === "locked") upstreamError(response, 401, "invalid_api_key");
  else if (model === "html") response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome to the proxy</h1>");
  else if (model === "dies") dieMidStream(response, model);
  else if (model === "hangs") return;
  else if (calls && stream === true) streamTool(response, model);
  else if (calls) whole(response, model, { content: null, tool_calls: [toolCall] }, "tool_calls");
  else if (stream === true) streamText(response, model);
  else whole(response, model, { content: sentence }, "stop");
};

/** The numbers, or their four bytes each in base64. */
const vector = [0.25, -0.5, 0.125];
const vectorBytes = Buffer.from(new Float32Array(vector).buffer).toString("base64");

const embeddings = (response: ServerResponse, { model, encoding_format: format }: Body): void => {
  json(response, 200, {
    object: "list",
    model,
    data: [{ object: "embedding", index: 0, embedding: format === "base64" ? vectorBytes : vector }],
    usage: { prompt_tokens: 2, total_tokens: 2 },
  });
};

const models = (response: ServerResponse): void => {
  const data = listedModels.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "test" }));
  json(response, 200, { object: "list", data });
};

/** The names of these models say how a response ends; of any other it is completed. */
const endings: readonly Ending[] = ["incomplete", "failed", "cancelled"];
const endingOf = (model: string): Ending => endings.find((ending) => ending === model) ?? "completed";

let responses = 0;

const respond = (response: ServerResponse, body: Body): void => {
  const { model, stream } = body;
  const id = `resp_${++responses}`;
  const whole = wholeResponse(secret, toolArguments, endingOf(model), id);
  if (model === "structured") structured(response, id, stream === true);
  else if (model === "tools") turn(response, id, body);
  else if (model === "error") streamError(response, secret);
  else if (stream === true) streamResponse(response, whole, secret);
  else json(response, 200, whole);
};

/** An answer that is JSON by the caller's schema. */
const structured = (response: ServerResponse, id: string, stream: boolean): void => {
  const text = { type: "output_text", text: toolArguments, annotations: [], logprobs: [] };
  const output = [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [text] }];
  const whole = { ...wholeResponse(secret, toolArguments, "completed", id), output };
  if (stream) streamResponse(response, whole, secret);
  else json(response, 200, whole);
};

/** One turn of a conversation with a tool: its call, or the sentence once it has answered. */
const turn = (response: ServerResponse, id: string, body: Body): void => {
  const said = { type: "output_text", text: sentence, annotations: [], logprobs: [] };
  const message = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [said] };
  const call = { type: "function_call", id: "fc_1", call_id: "call_1", status: "completed", name: "weather", arguments: toolArguments };
  const whole = { ...wholeResponse(secret, toolArguments, "completed", id), output: [callsTool(body) ? call : message] };
  if (body.stream === true) streamResponse(response, whole, secret);
  else json(response, 200, whole);
};

const stored = (response: ServerResponse, { method, url }: UpstreamCall): void => {
  const [, , , id = "", below] = (url.split("?")[0] ?? "").split("/");
  if (method === "DELETE") json(response, 200, { id, object: "response.deleted", deleted: true });
  else if (below === "input_items")
    json(response, 200, { object: "list", data: [{ type: "message", id: "msg_0", role: "user", content: sentence }] });
  else json(response, 200, wholeResponse(secret, toolArguments, "completed", id));
};

const complete = (response: ServerResponse, { model, stream, n = 1 }: Body): void => {
  const numbered = Array.from({ length: n }, (_, index) => index);
  const base = head("text_completion", model);
  if (stream !== true) {
    const choices = numbered.map((index) => ({ index, text: sentence, logprobs: { tokens: [secret] }, finish_reason: "stop" }));
    json(response, 200, { ...base, choices, usage });
    return;
  }
  openStream(response);
  for (const text of pieces(sentence)) {
    for (const index of numbered) response.write(event({ ...base, choices: [{ index, text, logprobs: null, finish_reason: null }] }));
  }
  for (const index of numbered) response.write(event({ ...base, choices: [{ index, text: "", logprobs: null, finish_reason: "stop" }] }));
  response.end("data: [DONE]\n\n");
};

const moderate = (response: ServerResponse, { model }: Body): void => {
  json(response, 200, {
    id: "modr-1",
    model,
    results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.25 } }],
  });
};

const bodyOf = (call: UpstreamCall): Body => bodySchema.parse(JSON.parse(call.body.toString("utf8")));

const answer = (call: UpstreamCall, response: ServerResponse): void => {
  if (call.url === "/v1/models") models(response);
  else if (call.url === "/v1/embeddings") embeddings(response, bodyOf(call));
  else if (call.url === "/v1/chat/completions") chat(response, bodyOf(call));
  else if (call.url === "/v1/responses") respond(response, bodyOf(call));
  else if (call.url.startsWith("/v1/responses/")) stored(response, call);
  else if (call.url === "/v1/completions") complete(response, bodyOf(call));
  else if (call.url === "/v1/moderations") moderate(response, bodyOf(call));
  else upstreamError(response, 404, "not_found");
};

/** Starts the model on a free port of the loopback. */
export const startScriptedModel = async (): Promise<ScriptedUpstream> => {
  const upstream = await ScriptedUpstream.start();
  upstream.script = answer;
  return upstream;
};
