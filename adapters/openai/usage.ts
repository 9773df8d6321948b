/** Tokens as OpenAI counts them. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import type { FoundField } from "../shared/locate.ts";

const countOf = (fields: readonly FoundField[], name: string): number | undefined => {
  const value = fields.find((field) => field.name === name)?.value;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

/** The usage that a message tells, in the words of either of the API's two ages; undefined when it tells none. Embeddings have no output. */
export const usageOf = (fields: readonly FoundField[]): TokenUsage | undefined => {
  const input = countOf(fields, "prompt_tokens") ?? countOf(fields, "input_tokens");
  return input === undefined ? undefined : { input, output: countOf(fields, "completion_tokens") ?? countOf(fields, "output_tokens") ?? 0 };
};
