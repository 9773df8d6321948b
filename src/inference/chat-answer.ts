/** From chat completions of the OpenAI API to the service's answers. */

import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import {
  FinishReason,
  type GenerateResponse,
  GenerateResponseSchema,
  MessageSchema,
  type Part,
  PartSchema,
  Role,
  type Usage,
  UsageSchema,
} from "../gen/weir/v1/inference_pb.ts";
import { readJson } from "./json.ts";

const text = z.string().nullish();

const usage = z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).partial().nullish();

const completion = z.object({
  model: text,
  choices: z
    .array(
      z.object({
        finish_reason: text,
        message: z.object({
          content: text,
          refusal: text,
          // DeepSeek, vLLM and others call it one thing, OpenRouter and newer vLLM the other.
          reasoning_content: text,
          reasoning: text,
          tool_calls: z.array(z.object({ id: text, function: z.object({ name: z.string(), arguments: z.string() }) })).nullish(),
        }),
      }),
    )
    .min(1),
  usage,
});

type Completion = z.output<typeof completion>;
type AnswerMessage = Completion["choices"][number]["message"];

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", FinishReason.STOP],
  ["length", FinishReason.LENGTH],
  ["tool_calls", FinishReason.TOOL_CALLS],
  ["content_filter", FinishReason.CONTENT_FILTER],
]);

/** The reason why generation ended, by the API's word for it. */
export const finishReasonOf = (word: string | null | undefined): FinishReason => reasons.get(word ?? "") ?? FinishReason.UNSPECIFIED;

/** The schema of token counts, for streams too. */
export const usageShape = usage;

/** Token counts; undefined where the upstream tells none. */
export const usageOf = (counted: z.output<typeof usage>): Usage | undefined =>
  counted === null || counted === undefined
    ? undefined
    : create(UsageSchema, { inputTokens: BigInt(counted.prompt_tokens ?? 0), outputTokens: BigInt(counted.completion_tokens ?? 0) });

const textPart = (name: "text" | "refusal" | "reasoning", value: string | null | undefined): readonly Part[] =>
  value === null || value === undefined || value === "" ? [] : [create(PartSchema, { kind: { case: name, value } })];

const partsOf = ({ content, refusal, reasoning_content, reasoning, tool_calls }: AnswerMessage): Part[] => [
  ...textPart("reasoning", reasoning_content ?? reasoning),
  ...textPart("text", content),
  ...textPart("refusal", refusal),
  ...(tool_calls ?? []).map(({ id, function: called }) =>
    create(PartSchema, { kind: { case: "toolCall", value: { id: id ?? "", name: called.name, arguments: called.arguments } } }),
  ),
];

/** Reads a whole answer. Throws `upstream_invalid`. */
export const generateResponse = (json: string): GenerateResponse => {
  const { model, choices, usage: counted } = readJson(completion, json);
  const [choice] = choices;
  const told = usageOf(counted);
  return create(GenerateResponseSchema, {
    model: model ?? "",
    message: create(MessageSchema, { role: Role.ASSISTANT, parts: choice === undefined ? [] : partsOf(choice.message) }),
    finishReason: finishReasonOf(choice?.finish_reason),
    ...(told && { usage: told }),
  });
};
