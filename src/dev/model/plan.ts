/** What an answer will hold, decided before its first byte; streamed or not, it is the same. */

import { cut } from "./pieces.ts";
import { type ChatRequest, lastUserText, type Tool } from "./request.ts";
import type { Random } from "./secrets.ts";
import { inventArgument, tellStory, tellThought } from "./story.ts";

/** The models it pretends to be. */
export const chatModels = ["sample", "sample-reasoning"] as const;
export const embeddingModel = "sample-embedding";
export const isChatModel = (model: string): boolean => chatModels.some((name) => name === model);

/** One call of a tool, its arguments as one JSON text in pieces. */
interface PlannedCall {
  readonly id: string;
  readonly name: string;
  readonly pieces: readonly string[];
}

/** One choice. Pieces are what a stream sends one by one. */
export interface PlannedChoice {
  readonly thought: readonly string[];
  readonly content: readonly string[];
  readonly call: PlannedCall | undefined;
  readonly finish: "stop" | "length" | "tool_calls";
}

const idOf = (prefix: string, random: Random): string => `${prefix}${Math.floor(random() * Number.MAX_SAFE_INTEGER).toString(36)}`;

const callOf = (tool: Tool, random: Random): PlannedCall => {
  const names = Object.keys(tool.function.parameters?.properties ?? { note: {} });
  const values = Object.fromEntries(names.map((name) => [name, inventArgument(random, name)]));
  return { id: idOf("call_", random), name: tool.function.name, pieces: cut(JSON.stringify(values), random) };
};

/** The tool to call: the first one, unless the caller wants none or has just brought a result. */
const wantedTool = ({ tools, tool_choice: choice, messages }: ChatRequest): Tool | undefined =>
  choice === "none" || messages.at(-1)?.role === "tool" ? undefined : tools?.[0];

const choiceOf = (request: ChatRequest, random: Random): PlannedChoice => {
  const thought = request.model === "sample-reasoning" ? cut(tellThought(random), random) : [];
  const tool = wantedTool(request);
  if (tool !== undefined) return { thought, content: [], call: callOf(tool, random), finish: "tool_calls" };
  const content = cut(tellStory(random, lastUserText(request)), random);
  const limit = request.max_completion_tokens ?? request.max_tokens ?? content.length;
  return { thought, content: content.slice(0, limit), call: undefined, finish: limit < content.length ? "length" : "stop" };
};

export const planAnswer = (request: ChatRequest, random: Random): readonly PlannedChoice[] =>
  Array.from({ length: request.n ?? 1 }, () => choiceOf(request, random));
