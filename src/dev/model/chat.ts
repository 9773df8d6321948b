/** Chat completions in OpenAI's words, whole and streamed. */

import { type Pace, pause } from "./pieces.ts";
import { type PlannedChoice, planAnswer } from "./plan.ts";
import { allText, type ChatRequest } from "./request.ts";
import type { Random } from "./secrets.ts";

const msPerSecond = 1_000;
/** Characters of a token, near enough for a sample. */
const charactersPerToken = 4;

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

const headOf = ({ model }: ChatRequest, random: Random): Head => ({
  id: `chatcmpl-${Math.floor(random() * Number.MAX_SAFE_INTEGER).toString(36)}`,
  created: Math.floor(Date.now() / msPerSecond),
  model,
});

const usageOf = (request: ChatRequest, choices: readonly PlannedChoice[]): Readonly<Record<string, number>> => {
  const input = Math.ceil(allText(request).length / charactersPerToken);
  const output = choices.reduce((sum, { thought, content, call }) => sum + thought.length + content.length + (call?.pieces.length ?? 0), 0);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
};

const toolCall = ({ id, name, pieces }: NonNullable<PlannedChoice["call"]>): object => ({
  id,
  type: "function",
  function: { name, arguments: pieces.join("") },
});

const wholeChoice = ({ thought, content, call, finish }: PlannedChoice, index: number): object => ({
  index,
  message: {
    role: "assistant",
    content: call === undefined ? content.join("") : null,
    refusal: null,
    ...(thought.length > 0 ? { reasoning_content: thought.join("") } : {}),
    ...(call === undefined ? {} : { tool_calls: [toolCall(call)] }),
  },
  logprobs: null,
  finish_reason: finish,
});

/** A whole answer. */
export const completion = (request: ChatRequest, random: Random): object => {
  const choices = planAnswer(request, random);
  return { ...headOf(request, random), object: "chat.completion", choices: choices.map(wholeChoice), usage: usageOf(request, choices) };
};

/** The deltas of one choice, in order. */
function* deltas({ thought, content, call }: PlannedChoice): Generator<object> {
  yield { role: "assistant", content: call === undefined ? "" : null, refusal: null };
  for (const piece of thought) yield { reasoning_content: piece };
  for (const piece of content) yield { content: piece };
  if (call === undefined) return;
  yield { tool_calls: [{ index: 0, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] };
  for (const piece of call.pieces) yield { tool_calls: [{ index: 0, function: { arguments: piece } }] };
}

/** The choices' chunks, interleaved as a model that works on all of them at once sends them. */
function* choiceChunks(choices: readonly PlannedChoice[]): Generator<object> {
  let open = choices.map((choice, index) => ({ index, choice, rest: deltas(choice) }));
  while (open.length > 0) {
    const still: typeof open = [];
    for (const each of open) {
      const { done, value } = each.rest.next();
      if (done === true) yield { index: each.index, delta: {}, logprobs: null, finish_reason: each.choice.finish };
      else yield { index: each.index, delta: value, logprobs: null, finish_reason: null };
      if (done !== true) still.push(each);
    }
    open = still;
  }
}

/** How a stream is paced, and when it must stop. */
export interface Streaming {
  readonly random: Random;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** The events of a streamed answer, ready to be written. Rejects when the signal aborts. */
export async function* completionEvents(request: ChatRequest, { random, pace, signal }: Streaming): AsyncGenerator<string> {
  const choices = planAnswer(request, random);
  const head = { ...headOf(request, random), object: "chat.completion.chunk" };
  const includeUsage = request.stream_options?.include_usage === true;
  const event = (choice: readonly object[], usage: object | null): string =>
    `data: ${JSON.stringify({ ...head, choices: choice, ...(includeUsage ? { usage } : {}) })}\n\n`;
  for (const chunk of choiceChunks(choices)) {
    await pause(pace, random, signal);
    yield event([chunk], null);
  }
  if (includeUsage) yield event([], usageOf(request, choices));
  yield "data: [DONE]\n\n";
}
