/** What fields say besides their text, by their names: the model, limits and counts of tokens, token ids. */

import type { DescField } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { FieldRole } from "./plan.ts";

/** Roles of single fields of known protocols. */
const known: Readonly<Record<string, FieldRole>> = {
  "tensorflow.serving.ModelSpec.name": "model",
  "inference.ModelReadyRequest.name": "model",
  "inference.ModelMetadataRequest.name": "model",
  "inference.ModelConfigRequest.name": "model",
  "inference.ModelStatisticsRequest.name": "model",
  "inference.ModelInferRequest.model_name": "model",
  "inference.ModelInferResponse.model_name": "identity",
  "inference.ModelInferResponse.model_version": "identity",
  "inference.ModelInferResponse.id": "identity",
  "inference.ModelInferResponse.InferOutputTensor.name": "identity",
  "inference.ModelInferResponse.InferOutputTensor.datatype": "identity",
  "inference.ModelStreamInferResponse.error_message": "failure",
};

/** Names of a string at a message's root that model servers agree on for the model. */
const modelNames = new Set(["model", "model_name", "model_id"]);

/** Names under which model servers take the largest number of output tokens (OpenAI, Anthropic, TGI, vLLM). */
export const mostTokensNames: ReadonlySet<string> = new Set([
  "max_tokens",
  "max_new_tokens",
  "max_output_tokens",
  "max_completion_tokens",
  "max_generated_tokens",
]);

const inputTokensNames = new Set(["prompt_tokens", "input_tokens", "prompt_token_count", "input_token_count"]);
const outputTokensNames = new Set([
  "completion_tokens",
  "output_tokens",
  "generated_tokens",
  "generated_token_count",
  "output_token_count",
]);

/** Lists of integers that spell text: `token_ids`, `output_ids`, `prompt_token_ids` … of vLLM, TensorRT-LLM, SGLang, tokenizers. */
const tokenIds = /^(?:(?:[a-z]+_)*token_ids|input_ids|output_ids|tokens)$/;

/** Whether a field or tensor of integers spells text by this name. Case and camel case aside. */
export const namesTokenIds = (name: string): boolean =>
  name.length <= 64 && tokenIds.test(name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase());

const integers: ReadonlySet<ScalarType | undefined> = new Set([
  ScalarType.INT32,
  ScalarType.INT64,
  ScalarType.UINT32,
  ScalarType.UINT64,
  ScalarType.SINT32,
  ScalarType.SINT64,
  ScalarType.FIXED32,
  ScalarType.FIXED64,
  ScalarType.SFIXED32,
  ScalarType.SFIXED64,
]);

const varints: ReadonlySet<ScalarType | undefined> = new Set([ScalarType.INT32, ScalarType.INT64, ScalarType.UINT32, ScalarType.UINT64]);

/** The role of a field. `known` protocols first, then names that model servers agree on. */
export const roleOf = (field: DescField): FieldRole | undefined => {
  const role = known[`${field.parent.typeName}.${field.name}`];
  if (role !== undefined) return role;
  if (field.fieldKind === "list") return integers.has(field.scalar) && namesTokenIds(field.name) ? "token-ids" : undefined;
  if (field.fieldKind !== "scalar") return undefined;
  if (field.scalar === ScalarType.STRING) return modelNames.has(field.name) ? "root-model" : undefined;
  if (!varints.has(field.scalar)) return undefined;
  if (mostTokensNames.has(field.name)) return "most-tokens";
  if (inputTokensNames.has(field.name)) return "input-tokens";
  return outputTokensNames.has(field.name) ? "output-tokens" : undefined;
};
