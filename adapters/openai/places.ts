/** Where text stands in the OpenAI API's requests, answers and stream chunks, as data. What is not named here is walked as data. */

import {
  echo,
  field,
  idleToken,
  media,
  noise,
  noPlaces,
  type Place,
  type PlaceTable,
  placeTable,
  sealed,
  text,
  token,
} from "../shared/place.ts";

const named = (names: readonly string[], place: Place, prefix = ""): Record<string, Place> =>
  Object.fromEntries(names.map((name) => [prefix + name, place]));

/** A message's own words; who wrote them follows from its role (see `request.ts`). Parts of one message are one lane. */
const authored = text("user", { depth: 3 });
const call = (syntax: "plain" | "json", depth: number): Place => text("tool-input", { syntax, depth });

const chatMessage: Record<string, Place> = {
  "messages.*.role": field("role"),
  "messages.*.content": authored,
  "messages.*.content.*.type": field("part"),
  "messages.*.content.*.text": authored,
  "messages.*.content.*.refusal": authored,
  "messages.*.content.*.image_url.url": media,
  "messages.*.content.*.image_url.detail": token,
  "messages.*.content.*.input_audio.data": media,
  "messages.*.content.*.input_audio.format": token,
  "messages.*.content.*.file.file_data": media,
  "messages.*.content.*.prompt_cache_breakpoint.mode": token,
  "messages.*.content.*.file.file_id": field("file"),
  "messages.*.content.*.file.filename": text("data", { depth: 6 }),
  "messages.*.refusal": authored,
  "messages.*.reasoning": authored,
  "messages.*.reasoning_content": authored,
  "messages.*.reasoning_details.*.type": token,
  "messages.*.reasoning_details.*.text": authored,
  "messages.*.reasoning_details.*.summary": authored,
  "messages.*.reasoning_details.*.data": sealed,
  "messages.*.reasoning_details.*.signature": sealed,
  "messages.*.name": text("data", { depth: 3 }),
  "messages.*.tool_call_id": token,
  "messages.*.audio.id": token,
  "messages.*.tool_calls.*.id": token,
  "messages.*.tool_calls.*.type": token,
  "messages.*.tool_calls.*.function.name": call("plain", 6),
  "messages.*.tool_calls.*.function.arguments": call("json", 6),
  "messages.*.tool_calls.*.custom.name": call("plain", 6),
  "messages.*.tool_calls.*.custom.input": call("plain", 6),
  "messages.*.function_call.name": call("plain", 4),
  "messages.*.function_call.arguments": call("json", 4),
};

const tools: Record<string, Place> = {
  "tools.*.type": field("tool"),
  "tools.*.function.name": text("system", { depth: 4 }),
  "tools.*.function.description": text("system", { depth: 4 }),
  "tools.*.function.strict": token,
  "tools.*.function.parameters.type": token,
  "tools.*.function.parameters.additionalProperties": token,
  "tools.*.custom.name": text("system", { depth: 4 }),
  "tools.*.custom.description": text("system", { depth: 4 }),
  "tools.*.custom.format.type": token,
  "tools.*.custom.format.grammar.syntax": token,
  "tools.*.custom.format.grammar.definition": text("system", { depth: 6 }),
  "functions.*.name": text("system", { depth: 3 }),
  "functions.*.description": text("system", { depth: 3 }),
  tool_choice: token,
  "tool_choice.type": token,
  "tool_choice.function.name": text("system", { depth: 3 }),
  "tool_choice.custom.name": text("system", { depth: 3 }),
  "tool_choice.allowed_tools.mode": token,
  function_call: token,
  "function_call.name": text("system", { depth: 2 }),
  parallel_tool_calls: token,
};

/** Settings: numbers, switches and words of the API. */
const settings = named(
  [
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logit_bias.*",
    "logprobs",
    "top_logprobs",
    "stream_options.include_obfuscation",
    "modalities.*",
    "audio.voice",
    "audio.format",
    "reasoning_effort",
    "verbosity",
    "service_tier",
    "response_format.type",
    "response_format.json_schema.strict",
    "prompt_cache_retention",
    "return_token_ids",
    "prompt_logprobs",
    "encoding_format",
    "dimensions",
  ],
  token,
);

const limits: Record<string, Place> = {
  model: field("model"),
  stream: field("stream"),
  "stream_options.include_usage": field("include_usage"),
  n: field("n"),
  max_tokens: field("max_tokens"),
  max_completion_tokens: field("max_completion_tokens"),
  stop: text("data", { depth: 1 }),
  "stop.*": text("data", { depth: 2 }),
  store: field("store"),
  ...named(["user", "safety_identifier", "prompt_cache_key"], text("data", { depth: 1 })),
  "metadata.*": text("data", { depth: 2 }),
  web_search_options: field("web_search_options"),
  "web_search_options.search_context_size": token,
  "web_search_options.user_location.type": token,
};

/** `POST /v1/chat/completions`. */
export const chatRequestPlaces: PlaceTable = placeTable({
  ...limits,
  ...chatMessage,
  ...tools,
  ...settings,
  "prediction.type": token,
  "prediction.content": text("user", { depth: 2 }),
  "prediction.content.*.text": text("user", { depth: 2 }),
  "prediction.content.*.type": token,
});

const prompted = text("user", { depth: 2, tokenIds: true });

/** `POST /v1/completions`: every prompt is a text of its own; token ids cannot be read. */
export const completionsRequestPlaces: PlaceTable = placeTable({
  ...limits,
  ...settings,
  prompt: text("user", { depth: 1 }),
  "prompt.*": prompted,
  "prompt.*.*": prompted,
  suffix: text("user", { depth: 1 }),
  ...named(["echo", "best_of"], token),
});

/** `POST /v1/moderations`: a text, several, or parts of one. */
export const moderationsRequestPlaces: PlaceTable = placeTable({
  model: field("model"),
  input: text("user", { depth: 1 }),
  "input.*": text("user", { depth: 2 }),
  "input.*.type": token,
  "input.*.text": text("user", { depth: 1 }),
  "input.*.image_url.url": media,
});

/** `POST /v1/embeddings`: every input is a text of its own; token ids cannot be read. */
export const embeddingsRequestPlaces: PlaceTable = placeTable({
  model: field("model"),
  input: text("user", { depth: 1 }),
  "input.*": text("user", { depth: 2, tokenIds: true }),
  "input.*.*": text("user", { depth: 2, tokenIds: true }),
  user: text("data", { depth: 1 }),
  ...settings,
});

/** What every object of the API says of itself. */
const envelopeNames = ["id", "object", "created", "model", "system_fingerprint", "service_tier", "provider"];
const envelope = named(envelopeNames, idleToken);
/** The same in a chunk, remembered so that a chunk of ours can say it too. */
const chunkEnvelope = Object.fromEntries(envelopeNames.map((name) => [name, field(`envelope.${name}`, { idle: true })]));

const usage: Record<string, Place> = {
  usage: idleToken,
  "usage.prompt_tokens": field("prompt_tokens"),
  "usage.completion_tokens": field("completion_tokens"),
  ...named(["total_tokens", "prompt_tokens_details", "completion_tokens_details"], token, "usage."),
  ...named(["cached_tokens", "audio_tokens"], token, "usage.prompt_tokens_details."),
  ...named(
    ["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"],
    token,
    "usage.completion_tokens_details.",
  ),
};

/** Repeats the text as numbers; the names besides OpenAI's are vLLM's and SGLang's. */
const echoes: Record<string, Place> = {
  "choices.*.logprobs": echo,
  "choices.*.token_ids": echo,
  "choices.*.prompt_token_ids": echo,
  "choices.*.prompt_logprobs": echo,
  prompt_token_ids: echo,
  prompt_logprobs: echo,
};

const choice: Record<string, Place> = {
  "choices.*.index": field("index", { idle: true }),
  "choices.*.finish_reason": field("finish_reason"),
  "choices.*.native_finish_reason": idleToken,
  "choices.*.stop_reason": text("data", { depth: 3 }),
};

/** What stands for reasoning that providers besides OpenAI give piece by piece, with what they sealed of it. */
const reasoningDetails = (at: string, own: Place): Record<string, Place> => ({
  ...named(["type", "format", "id"], token, `${at}.reasoning_details.*.`),
  [`${at}.reasoning_details.*.index`]: field("part"),
  ...named(["text", "summary"], own, `${at}.reasoning_details.*.`),
  [`${at}.reasoning_details.*.signature`]: sealed,
  [`${at}.reasoning_details.*.data`]: sealed,
});

/** Where an answer found what it says. */
const annotations = (at: string): Record<string, Place> => ({
  [`${at}.annotations.*.type`]: token,
  ...named(["url", "title"], text("tool-output", { depth: 7 }), `${at}.annotations.*.url_citation.`),
});

const said = text("assistant", { depth: 4 });
const calledName = text("tool-input", { depth: 7 });
const calledInput = text("tool-input", { depth: 7 });
const calledArguments = text("tool-input", { depth: 7, syntax: "json" });

/** An answer of `POST /v1/chat/completions`. */
export const chatAnswerPlaces: PlaceTable = placeTable({
  ...envelope,
  ...usage,
  ...echoes,
  ...choice,
  "choices.*.message.role": token,
  "choices.*.message.content": said,
  "choices.*.message.content.*.type": token,
  "choices.*.message.content.*.text": said,
  "choices.*.message.refusal": said,
  "choices.*.message.reasoning": said,
  "choices.*.message.reasoning_content": said,
  "choices.*.message.audio.id": token,
  "choices.*.message.audio.data": media,
  "choices.*.message.audio.expires_at": token,
  "choices.*.message.audio.transcript": text("assistant", { depth: 5 }),
  ...annotations("choices.*.message"),
  ...reasoningDetails("choices.*.message", said),
  "choices.*.message.tool_calls.*.id": token,
  "choices.*.message.tool_calls.*.type": token,
  "choices.*.message.tool_calls.*.index": token,
  "choices.*.message.tool_calls.*.function.name": calledName,
  "choices.*.message.tool_calls.*.function.arguments": calledArguments,
  "choices.*.message.tool_calls.*.custom.name": calledName,
  "choices.*.message.tool_calls.*.custom.input": calledInput,
  "choices.*.message.function_call.name": text("tool-input", { depth: 5 }),
  "choices.*.message.function_call.arguments": text("tool-input", { depth: 5, syntax: "json" }),
});

/** Text that runs on from chunk to chunk; `stream.ts` names its lanes by the choice's own index. */
const running = text("assistant", { scope: "stream", depth: 4 });
const runningInput = text("tool-input", { scope: "stream", depth: 7 });
const runningArguments = text("tool-input", { scope: "stream", syntax: "json", depth: 7 });

/** A chunk of a streamed answer. Names of functions come whole: clients overwrite them, they do not append. */
export const chatChunkPlaces: PlaceTable = placeTable({
  ...chunkEnvelope,
  ...usage,
  ...echoes,
  ...choice,
  obfuscation: noise,
  "choices.*.delta.role": token,
  "choices.*.delta.content": running,
  "choices.*.delta.content.*.type": token,
  "choices.*.delta.content.*.text": running,
  "choices.*.delta.refusal": running,
  "choices.*.delta.reasoning": running,
  "choices.*.delta.reasoning_content": running,
  "choices.*.delta.audio.id": token,
  "choices.*.delta.audio.data": media,
  "choices.*.delta.audio.expires_at": token,
  "choices.*.delta.audio.transcript": running,
  "choices.*.delta.tool_calls.*.index": field("part", { idle: true }),
  "choices.*.delta.tool_calls.*.id": token,
  "choices.*.delta.tool_calls.*.type": token,
  "choices.*.delta.tool_calls.*.function.name": calledName,
  "choices.*.delta.tool_calls.*.function.arguments": runningArguments,
  "choices.*.delta.tool_calls.*.custom.name": calledName,
  "choices.*.delta.tool_calls.*.custom.input": runningInput,
  ...annotations("choices.*.delta"),
  ...reasoningDetails("choices.*.delta", running),
  "choices.*.delta.function_call.name": text("tool-input", { depth: 5 }),
  "choices.*.delta.function_call.arguments": runningArguments,
});

const written = text("assistant", { depth: 3 });

/** An answer of `POST /v1/completions`. */
export const completionsAnswerPlaces: PlaceTable = placeTable({ ...envelope, ...usage, ...echoes, ...choice, "choices.*.text": written });

/** A chunk of a streamed one. */
export const completionsChunkPlaces: PlaceTable = placeTable({
  ...chunkEnvelope,
  ...usage,
  ...echoes,
  ...choice,
  obfuscation: noise,
  "choices.*.text": text("assistant", { scope: "stream", depth: 3 }),
});

/** An answer of `POST /v1/moderations`: scores, by words of the API. */
export const moderationsAnswerPlaces: PlaceTable = placeTable({
  ...envelope,
  "results.*.flagged": token,
  ...named(["categories.*", "category_scores.*", "category_applied_input_types.*.*"], token, "results.*."),
});

/** A list of numbers, or the same in base64: 4 bytes for each of some hundred dimensions. */
const embedded: Place = { kind: "sealed" };

/** An answer of `POST /v1/embeddings`. */
export const embeddingsAnswerPlaces: PlaceTable = placeTable({
  ...envelope,
  ...usage,
  "data.*.object": token,
  "data.*.index": token,
  "data.*.embedding": embedded,
});

/** An entry of a list of models, and the entry alone. */
export const modelPlaces: PlaceTable = placeTable({ ...envelope, owned_by: token, parent: token, root: token, max_model_len: token });

export const modelListPlaces: PlaceTable = placeTable({
  object: token,
  ...named(["id", "object", "created", "owned_by", "parent", "root", "max_model_len"], token, "data.*."),
});

/** An error, and whatever else a known path may answer: its words are data. */
export const errorPlaces: PlaceTable = placeTable({ "error.type": token, "error.code": token, "error.param": token });

/** A request of a path that nobody has described: its model, and the words by which such requests ask. */
export const unknownRequestPlaces: PlaceTable = placeTable({
  model: field("model"),
  ...named(["prompt", "input", "query"], text("user", { depth: 1 })),
  instructions: text("system", { depth: 1 }),
  ...named(["file_id", "input_file_id", "training_file", "validation_file", "file_ids.*"], field("stored_file")),
});

/** An answer of such a path. */
export const unknownAnswerPlaces: PlaceTable = noPlaces;
