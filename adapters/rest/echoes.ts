/**
 * What repeats an answer's text as numbers or in pieces, where language models do so under well-known names: token ids, log-probabilities. It is nulled while
 * answers are masked, because no masker sees through it (ARCHITECTURE.md 1.6).
 */

import { compilePaths, type JsonCursor, JsonError, type PathTable, spliceJson, walkJson } from "../../src/envelope/json/index.ts";

/** Where echoes stand, and a quick look for whether any can. */
export interface EchoTable {
  readonly keys: RegExp;
  readonly paths: PathTable<"echo">;
}

const echoTable = (keys: RegExp, paths: readonly string[]): EchoTable => ({
  keys,
  paths: compilePaths<"echo">(Object.fromEntries(paths.map((path) => [path, "echo"]))),
});

const common = [
  "prompt_token_ids",
  "prompt_logprobs",
  "choices.*.logprobs",
  "choices.*.prompt_logprobs",
  "choices.*.prompt_token_ids",
  "choices.*.token_ids",
  "choices.*.delta.token_ids",
  "token.id",
  "token.logprob",
  "top_tokens",
  "details.prefill",
  "details.tokens",
  "details.top_tokens",
  "details.best_of_sequences.*.prefill",
  "details.best_of_sequences.*.tokens",
  "details.best_of_sequences.*.top_tokens",
];

/** Names of OpenAI's kind (vLLM among it) and of text-generation-inference, whoever's answer it is. */
export const commonEchoes = echoTable(/"(?:logprobs?|prompt_logprobs|token_ids|prompt_token_ids|top_tokens|prefill)"/, common);

/** Ollama's `/api/generate`, whose context is the conversation's token ids. */
export const ollamaEchoes = echoTable(/"context"/, ["context"]);

/** llama.cpp's `/completion`. */
export const llamaEchoes = echoTable(/"(?:tokens|completion_probabilities|probs)"/, ["tokens", "completion_probabilities", "probs"]);

/** The JSON without its echoes; the very same string where it has none, and where it is no JSON. */
export const dropEchoes = (json: string, { keys, paths }: EchoTable): string => {
  if (!keys.test(json)) return json;
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const found = (at: JsonCursor<"echo">): void => {
    if (at.tag === "echo" && at.kind !== "null") edits.push({ start: at.start, end: at.end, text: "null" });
  };
  try {
    walkJson(json, { value: found, leave: found }, { table: paths });
  } catch (thrown) {
    if (thrown instanceof JsonError) return json;
    throw thrown;
  }
  return spliceJson(json, edits);
};
