/** Tokens as Anthropic counts them: what was read from the cache, or written to it, is not among `input_tokens`. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import type { FoundField } from "../shared/locate.ts";

const inputNames = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];

const countOf = (fields: readonly FoundField[], name: string): number | undefined => {
  const value = fields.find((field) => field.name === name)?.value;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

/** The usage that a message tells; undefined when it tells none. `before`: what the stream told earlier; later counts stand for the whole message. */
export const usageOf = (fields: readonly FoundField[], before?: TokenUsage): TokenUsage | undefined => {
  const counts = inputNames.map((name) => countOf(fields, name));
  const output = countOf(fields, "output_tokens");
  const [input] = counts;
  if (input === undefined && output === undefined) return undefined;
  const told = input === undefined ? undefined : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return { input: told ?? before?.input ?? 0, output: output ?? before?.output ?? 0 };
};
