/** Where text stands in the requests and answers of the Responses API. */

import { field, type PlaceTable, placeTable, sealed, text, token } from "../../shared/place.ts";
import { type ItemVoices, itemPlaces, named, type Places, toolDefinitionPlaces, voiced } from "./items.ts";

const requestVoices: ItemVoices = { own: "user", sealed, scope: "message" };

/** The items of an answer, each text a lane that closes with its message. */
export const answerVoices: ItemVoices = { own: "assistant", sealed, scope: "message" };

/** Settings: numbers, switches and words of the API. */
const settings = [
  "temperature",
  "top_p",
  "top_logprobs",
  "max_tool_calls",
  "parallel_tool_calls",
  "truncation",
  "service_tier",
  "include.*",
  "prompt_cache_retention",
  "prompt_cache_options.mode",
  "prompt_cache_options.ttl",
  "reasoning.effort",
  "reasoning.summary",
  "reasoning.generate_summary",
  "reasoning.context",
  "text.format.type",
  "text.format.strict",
  "text.verbosity",
  "stream_options.include_obfuscation",
  "moderation.model",
  "context_management.*.type",
  "tool_choice",
  "tool_choice.type",
  "tool_choice.mode",
  "tool_choice.server_label",
  "tool_choice.tools.*.type",
];

/** Members that requests have and answers repeat. */
const repeated: Places = {
  ...named("", settings, token),
  ...voiced("", ["user", "safety_identifier", "prompt_cache_key", "metadata.*"], "data"),
  ...voiced("", ["tool_choice.name", "tool_choice.tools.*.name", "text.format.name", "text.format.description"], "system"),
  ...toolDefinitionPlaces("tools.*"),
  ...voiced("", ["instructions", "prompt.variables.*", "prompt.variables.*.text"], "system"),
  "prompt.id": field("prompt"),
  "prompt.version": token,
};

/** `POST /v1/responses`, `/v1/responses/compact` and `/v1/responses/input_tokens`; `POST /v1/conversations` and its items have the same items. */
export const responsesRequestPlaces: PlaceTable = placeTable({
  model: field("model"),
  stream: field("stream"),
  store: field("store"),
  background: field("background"),
  max_output_tokens: field("max_output_tokens"),
  previous_response_id: field("previous_response_id"),
  conversation: field("conversation"),
  "conversation.id": field("conversation"),
  ...repeated,
  input: text("user", { depth: 1 }),
  ...itemPlaces("input.*", requestVoices),
  ...itemPlaces("items.*", requestVoices),
});

const usagePlaces = (at: string): Places => ({
  [`${at}usage.input_tokens`]: field("input_tokens"),
  [`${at}usage.output_tokens`]: field("output_tokens"),
  ...named(`${at}usage.`, ["total_tokens", "input_tokens_details.cached_tokens", "output_tokens_details.reasoning_tokens"], token),
});

const below = (at: string, places: Places): Places =>
  Object.fromEntries(Object.entries(places).map(([path, place]) => [at + path, deeper(at, place)]));

/** A text's lane is named by so many segments more as its path got. */
const deeper = (at: string, place: Places[string]): Places[string] =>
  place?.kind === "text" && at !== "" ? { ...place, depth: place.depth + at.split(".").length - 1 } : place;

/** A response at a path that ends with a dot or is empty. */
export const responsePlaces = (at: string): Places => ({
  ...named(at, ["object", "model", "background", "store", "billing.payer", "created_at", "completed_at"], token),
  [`${at}id`]: field("response_id"),
  [`${at}status`]: field("response_status"),
  [`${at}previous_response_id`]: token,
  [`${at}conversation.id`]: token,
  [`${at}incomplete_details.reason`]: token,
  [`${at}error.code`]: token,
  ...voiced(at, ["error.message", "output_text"], "assistant"),
  ...usagePlaces(at),
  ...below(at, repeated),
  ...itemPlaces(`${at}output.*`, answerVoices),
  ...itemPlaces(`${at}instructions.*`, { ...answerVoices, own: "system" }),
});

/** An answer of `POST /v1/responses`, `GET /v1/responses/{id}`, and `POST /v1/responses/compact`. */
export const responseAnswerPlaces: PlaceTable = placeTable(responsePlaces(""));

/** A list of items: `GET /v1/responses/{id}/input_items`, and those of conversations. */
export const itemListPlaces: PlaceTable = placeTable({
  ...named("", ["object", "first_id", "last_id", "has_more"], token),
  ...itemPlaces("data.*", { ...answerVoices, own: "user" }),
});
