/** What the scripted model says over the Responses API: an item of every kind, with its secret in every text of them. */

import type { ServerResponse } from "node:http";
import { eventsOf, type Item, type WholeResponse, wireEvent } from "../support/responses-stream.ts";

/** How a scripted response ends. */
export type Ending = "completed" | "incomplete" | "failed" | "cancelled";

const items = (secret: string, key: string): readonly Item[] => {
  const told = `The key is ${secret}, keep it.`;
  return [
    {
      type: "reasoning",
      id: "rs_1",
      status: "completed",
      summary: [
        { type: "summary_text", text: `I know ${secret.slice(0, 9)}` },
        { type: "summary_text", text: `${secret.slice(9)} by heart.` },
      ],
      content: [{ type: "reasoning_text", text: told }],
    },
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [
        {
          type: "output_text",
          text: told,
          annotations: [{ type: "url_citation", url: `https://example.com/${secret}`, title: told, start_index: 0, end_index: 3 }],
          logprobs: [],
        },
        { type: "refusal", refusal: `I will not say ${secret}.` },
      ],
    },
    { type: "function_call", id: "fc_1", call_id: "call_1", status: "completed", name: "weather", arguments: key },
    { type: "custom_tool_call", id: "ctc_1", call_id: "call_2", status: "completed", name: "run", input: told },
    {
      type: "code_interpreter_call",
      id: "ci_1",
      status: "completed",
      container_id: "cntr_1",
      code: `print("${secret}")`,
      outputs: [{ type: "logs", logs: told }],
    },
    {
      type: "file_search_call",
      id: "fs_1",
      status: "completed",
      queries: [told],
      results: [{ file_id: "file_1", filename: `${secret}.txt`, text: told, score: 0.5, attributes: { note: told } }],
    },
    { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: told } },
    { type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgo=", revised_prompt: told },
    { type: "mcp_call", id: "mcp_1", status: "completed", name: "ask", server_label: "s", arguments: key, output: told, error: null },
    { type: "mcp_list_tools", id: "mcpl_1", server_label: "s", tools: [{ name: "ask", description: told, input_schema: { title: told } }] },
    {
      type: "computer_call",
      id: "cc_1",
      call_id: "call_3",
      status: "completed",
      pending_safety_checks: [],
      action: { type: "type", text: told },
    },
    {
      type: "local_shell_call",
      id: "ls_1",
      call_id: "call_4",
      status: "completed",
      action: { type: "exec", command: ["echo", told], env: { KEY: told } },
    },
    { type: "something_new", id: "new_1", status: "completed", unheard_of: { [`about ${secret}`]: [told] } },
  ];
};

/** The response, whole. `id` tells stored ones apart. */
export const wholeResponse = (secret: string, key: string, ending: Ending, id: string): WholeResponse => ({
  id,
  object: "response",
  created_at: 1_700_000_000,
  status: ending,
  error: ending === "failed" ? { code: "server_error", message: `Broke at ${secret}.` } : null,
  incomplete_details: ending === "incomplete" ? { reason: "max_output_tokens" } : null,
  instructions: `Never say ${secret}.`,
  metadata: { note: `about ${secret}` },
  model: "plain",
  output: items(secret, key),
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  usage: {
    input_tokens: 3,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  },
});

/** Pieces of at most three characters, so that whatever is to be masked arrives cut. */
const pieces = (text: string): readonly string[] => text.match(/.{1,3}|\n/gsu) ?? [];

/** Events that items like these do not bring. */
const otherEvents = (secret: string) => [
  { type: "response.audio.delta", delta: "UklGRg==" },
  { type: "response.audio.done" },
  ...pieces(`Spoken: ${secret}.`).map((delta) => ({ type: "response.audio.transcript.delta", delta })),
  { type: "response.audio.transcript.done" },
  {
    type: "response.image_generation_call.partial_image",
    item_id: "ig_1",
    output_index: 7,
    partial_image_index: 0,
    partial_image_b64: "iVBORw0KGgo=",
  },
  { type: "response.mcp_call.failed", item_id: "mcp_1", output_index: 8 },
  { type: "response.mcp_list_tools.failed", item_id: "mcpl_1", output_index: 9 },
];

/** Events that the SDK's helper does not put together. */
const oddEvents = (id: string, secret: string) => [
  { type: "response.queued", response: { id, status: "queued", output: [] } },
  { type: "response.unheard_of", note: `about ${secret}`, deep: { [secret]: [secret] } },
];

const extraEvents = ({ status, output, id }: WholeResponse, secret: string) => {
  if (output.length === 1) return [];
  return status === "completed" ? otherEvents(secret) : oddEvents(String(id), secret);
};

/** Streams the response, event by event. */
export const streamResponse = (response: ServerResponse, whole: WholeResponse, secret: string): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of eventsOf(whole, pieces, extraEvents(whole, secret))) response.write(wireEvent(event));
  response.end();
};

/** Streams an error instead of an ending. */
export const streamError = (response: ServerResponse, secret: string): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(
    wireEvent({ type: "response.created", sequence_number: 0, response: { id: "resp_e", status: "in_progress", output: [] } }),
  );
  response.end(wireEvent({ type: "error", sequence_number: 1, code: "server_error", message: `Broke at ${secret}.`, param: null }));
};
