/** What the sample model reads of a request: as OpenAI documents it, only the fields it acts on. */

import { z } from "zod";

const part = z.looseObject({ text: z.string().optional() });
const message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part), z.null()]).optional() });
const tool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string(),
    parameters: z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }).optional(),
  }),
});

/** The most choices of one answer; more is a test of ours, not of this model. */
const mostChoices = 16;

export const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  n: z.int().min(1).max(mostChoices).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: z.unknown().optional(),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type Tool = z.infer<typeof tool>;

export const embeddingsRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1), z.array(z.int()), z.array(z.array(z.int()))]),
  dimensions: z.int().min(1).max(3072).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

const textOf = (content: ChatRequest["messages"][number]["content"]): string => {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text ?? "").join(" ");
};

/** The caller's last words. */
export const lastUserText = ({ messages }: ChatRequest): string => textOf(messages.findLast(({ role }) => role === "user")?.content);

/** Every text of a request, for counting. */
export const allText = ({ messages }: ChatRequest): string => messages.map(({ content }) => textOf(content)).join(" ");
