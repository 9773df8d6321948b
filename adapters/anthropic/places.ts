/** Where text stands in the Messages API's requests and answers, as data. What is not named here is walked as data. */

import { field, noPlaces, type PlaceTable, placeTable, sealed, text, token } from "../shared/place.ts";
import { type BlockVoices, blockTree, named, type Places, textBlockPlaces, toolPlaces, voiced } from "./blocks.ts";

const requestVoices: BlockVoices = { own: "user", seal: sealed };

const requestSettings: Places = named(
  "",
  [
    "service_tier",
    "speed",
    "inference_geo",
    "cache_control.type",
    "cache_control.ttl",
    "billing_policy.type",
    "billing_policy.bill_to",
    "thinking.type",
    "thinking.display",
    "thinking.block_binding.prefix_mismatch_behavior",
    "tool_choice.type",
    "output_config.effort",
    "output_config.format.type",
    "output_config.task_budget.type",
    "output_format.type",
    "compaction.type",
    "context_management.edits.*.type",
    "context_management.edits.*.keep",
    "context_management.edits.*.keep.type",
    "context_management.edits.*.trigger.type",
    "context_management.edits.*.clear_at_least.type",
    "diagnostics.previous_message_id",
    "mcp_servers.*.type",
  ],
  token,
);

/** What the API would do on its own: {@link featuresOf} in `features.ts` names them. */
const requestFeatures: Places = {
  mcp_servers: field("mcp_servers"),
  container: field("container"),
  "container.id": field("container_id"),
  "container.skills": field("skills"),
  "container.skills.*.type": token,
  "container.skills.*.skill_id": token,
  "container.skills.*.version": token,
  fallbacks: field("fallbacks"),
  "fallbacks.*.model": token,
  "thread.type": token,
  thread: field("thread"),
  "thread.previous_message_id": token,
};

/** `POST /v1/messages` and `/v1/messages/count_tokens`. */
export const messageRequestPlaces: PlaceTable = placeTable({
  model: field("model"),
  max_tokens: field("max_tokens"),
  stream: field("stream"),
  ...requestSettings,
  ...requestFeatures,
  ...voiced("", ["metadata.user_id", "stop_sequences.*"], "data"),
  ...voiced("", ["system", "tool_choice.name", "compaction.instructions", "context_management.edits.*.instructions"], "system"),
  ...voiced("", ["mcp_servers.*.name", "mcp_servers.*.url", "mcp_servers.*.authorization_token"], "data"),
  ...textBlockPlaces("system.*", "system"),
  ...toolPlaces("tools.*"),
  "messages.*.role": field("role"),
  "messages.*.clear_at": token,
  "messages.*.output_config.effort": token,
  "messages.*.content": text("user", { depth: 3 }),
  ...blockTree("messages.*.content.*", requestVoices),
});

/** In answers a seal is shown as a text, so that it can be taken off (`signatures.ts`). */
export const answerVoices: BlockVoices = { own: "assistant", seal: text("data", { depth: Number.POSITIVE_INFINITY }), payload: sealed };

/** Counts of tokens, and what kind of service they were. */
export const usagePlaces = (at: string): Places => ({
  [`${at}input_tokens`]: field("input_tokens"),
  [`${at}output_tokens`]: field("output_tokens"),
  [`${at}cache_creation_input_tokens`]: field("cache_creation_input_tokens"),
  [`${at}cache_read_input_tokens`]: field("cache_read_input_tokens"),
  ...named(at, ["service_tier", "speed", "inference_geo", "iterations.*.type", "iterations.*.model"], token),
  ...named(at, ["fallback_credit.status.type", "fallback_credit.status.reason", "cache_creation", "server_tool_use"], token),
});

/** Why generation ended, and what the answer leaves behind. */
export const endingPlaces = (at: string): Places => ({
  [`${at}stop_reason`]: field("stop_reason"),
  ...voiced(at, ["stop_sequence"], "data"),
  ...voiced(at, ["stop_details.explanation"], "assistant"),
  ...named(
    at,
    ["stop_details.type", "stop_details.category", "stop_details.recommended_model", "stop_details.fallback_credit_token"],
    token,
  ),
  ...named(at, ["container.id", "container.expires_at", "container.skills.*.type"], token),
  ...named(at, ["container.skills.*.skill_id", "container.skills.*.version"], token),
});

/** What was done to the request's context. */
export const contextPlaces = (at: string): Places =>
  named(at, ["context_management.applied_edits.*.type", "input_transformations.*.type", "input_transformations.*.reason"], token);

/** A message as an answer holds it, at a path that ends with a dot or is empty. */
export const messagePlaces = (at: string): Places => ({
  ...named(at, ["id", "type", "role", "model", "diagnostics.cache_miss_reason.type"], token),
  ...endingPlaces(at),
  ...contextPlaces(at),
  ...usagePlaces(`${at}usage.`),
  ...blockTree(`${at}content.*`, answerVoices),
});

/** An answer of `POST /v1/messages`. */
export const messageAnswerPlaces: PlaceTable = placeTable(messagePlaces(""));

/** An answer of `POST /v1/messages/count_tokens`: numbers alone. */
export const countAnswerPlaces: PlaceTable = placeTable({ input_tokens: token, "context_management.original_input_tokens": token });

const modelEntry = [
  "id",
  "type",
  "display_name",
  "created_at",
  "deprecated_at",
  "retires_at",
  "lifecycle",
  "line",
  "allowed_fallback_models.*",
];

/** One model, and a list of them. */
export const modelPlaces: PlaceTable = placeTable(named("", modelEntry, token));
export const modelListPlaces: PlaceTable = placeTable({
  ...named("data.*.", modelEntry, token),
  ...named("", ["first_id", "last_id"], token),
});

/** An error: its words are data. */
export const errorFields: Places = named("", ["type", "error.type", "error.details.error_code", "request_id"], token);
export const errorPlaces: PlaceTable = placeTable(errorFields);

/** A request of a path that nobody has described: where it names a model, policy may ask for it. */
export const unknownRequestPlaces: PlaceTable = placeTable({ model: field("model") });

/** An answer of such a path. */
export const unknownAnswerPlaces: PlaceTable = noPlaces;
