/** Streams of so many tokens, as upstreams write them, by API. */

import { messageEvents } from "../../test/support/anthropic-messages.ts";
import { eventsOf, wireEvent } from "../../test/support/responses-stream.ts";
import { chunkOf } from "../../test/support/upstream.ts";

/** Tokens of one answer that the gateway is measured with: a long paragraph. */
export const tokensPerAnswer = 400;

const sentence = "The quick brown fox jumps over the lazy dog and then writes a report about it ".match(/\S+ /g) ?? [];

const wordsOf = (tokens: number): readonly string[] =>
  Array.from({ length: tokens }, (_, index) => sentence[index % sentence.length] ?? "");

const completion = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "cmpl-1", object: "text_completion", created: 1, model: "m", choices: [{ index: 0, text, logprobs: null, finish_reason: finish }] })}\n\n`;

/** The events of one stream of each API. */
export const wires = {
  chat: (tokens: number): readonly string[] => [
    ...wordsOf(tokens).map((content) => chunkOf({ content })),
    chunkOf({}, { finish_reason: "stop" }),
    "data: [DONE]\n\n",
  ],
  completions: (tokens: number): readonly string[] => [
    ...wordsOf(tokens).map((text) => completion(text)),
    completion("", "stop"),
    "data: [DONE]\n\n",
  ],
  responses: (tokens: number): readonly string[] => {
    const words = wordsOf(tokens);
    const content = [{ type: "output_text", text: words.join(""), annotations: [], logprobs: [] }];
    const output = [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }];
    const usage = { input_tokens: 3, output_tokens: tokens, total_tokens: tokens + 3 };
    const response = { id: "resp_1", object: "response", created_at: 1, status: "completed", model: "m", output, usage };
    return eventsOf(response, () => words).map(wireEvent);
  },
  messages: (tokens: number): readonly string[] => {
    const words = wordsOf(tokens);
    return messageEvents({ content: [{ type: "text", text: words.join("") }] }, () => words);
  },
};

export type ApiName = keyof typeof wires;
