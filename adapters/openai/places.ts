/** Where text stands in the OpenAI API's requests, answers and stream chunks, as data. What is not named here is walked as data. */

import {
  echo,
  field,
  idleToken,
  media,
  noise,
  noPlaces,
  opaque,
  type Place,
  type PlaceTable,
  placeTable,
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
  "messages.*.content.*.file.file_id": field("file"),
  "messages.*.content.*.file.filename": text("data", { depth: 6 }),
  "messages.*.refusal": authored,
  "messages.*.reasoning": authored,
  "messages.*.reasoning_content": authored,
  "messages.*.name": text("data", { depth: 3 }),
  "messages.*.tool_call_id": token,
  "messages.*.audio.id": token,
  "messages.*.tool_calls.*.id": token,
  "messages.*.tool_calls.*.type": token,
  "messages.*.tool_calls.*.function.name": call("plain", 6),
  "messages.*.tool_calls.*.function.arguments": call("json", 6),
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
  "functions.*.name": text("system", { depth: 3 }),
  "functions.*.description": text("system", { depth: 3 }),
  tool_choice: token,
  "tool_choice.type": token,
  "tool_choice.function.name": text("system", { depth: 3 }),
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
    "stream_options.include_usage",
    "stream_options.include_obfuscation",
    "modalities.*",
    "audio.voice",
    "audio.format",
    "reasoning_effort",
    "verbosity",
    "service_tier",
    "response_format.type",
    "response_format.json_schema.strict",
    "encoding_format",
    "dimensions",
  ],
  token,
);

const limits: Record<string, Place> = {
  model: field("model"),
  stream: field("stream"),
  n: field("n"),
  max_tokens: field("max_tokens"),
  max_completion_tokens: field("max_completion_tokens"),
  stop: text("data", { depth: 1 }),
  "stop.*": text("data", { depth: 2 }),
  store: field("store"),
  user: text("data", { depth: 1 }),
  web_search_options: field("web_search_options"),
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

const said = text("assistant", { depth: 4 });
const calledName = text("tool-input", { depth: 7 });
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
  "choices.*.message.annotations.*.type": token,
  "choices.*.message.tool_calls.*.id": token,
  "choices.*.message.tool_calls.*.type": token,
  "choices.*.message.tool_calls.*.index": token,
  "choices.*.message.tool_calls.*.function.name": calledName,
  "choices.*.message.tool_calls.*.function.arguments": calledArguments,
  "choices.*.message.function_call.name": text("tool-input", { depth: 5 }),
  "choices.*.message.function_call.arguments": text("tool-input", { depth: 5, syntax: "json" }),
});

/** Text that runs on from chunk to chunk; `stream.ts` names its lanes by the choice's own index. */
const running = text("assistant", { scope: "stream", depth: 4 });
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
  "choices.*.delta.tool_calls.*.index": field("tool", { idle: true }),
  "choices.*.delta.tool_calls.*.id": token,
  "choices.*.delta.tool_calls.*.type": token,
  "choices.*.delta.tool_calls.*.function.name": calledName,
  "choices.*.delta.tool_calls.*.function.arguments": runningArguments,
  "choices.*.delta.function_call.name": text("tool-input", { depth: 5 }),
  "choices.*.delta.function_call.arguments": runningArguments,
});

/** An answer of `POST /v1/embeddings`. */
export const embeddingsAnswerPlaces: PlaceTable = placeTable({
  ...envelope,
  ...usage,
  "data.*.object": token,
  "data.*.index": token,
  "data.*.embedding": opaque,
});

/** An entry of a list of models, and the entry alone. */
export const modelPlaces: PlaceTable = placeTable({ ...envelope, owned_by: token, parent: token, root: token, max_model_len: token });

export const modelListPlaces: PlaceTable = placeTable({
  object: token,
  ...named(["id", "object", "created", "owned_by", "parent", "root", "max_model_len"], token, "data.*."),
});

/** An error, and whatever else a known path may answer: its words are data. */
export const errorPlaces: PlaceTable = placeTable({ "error.type": token, "error.code": token, "error.param": token });

/** A request of a path that nobody has described: where it names a model, policy may ask for it. */
export const unknownRequestPlaces: PlaceTable = placeTable({ model: field("model") });

/** An answer of such a path. */
export const unknownAnswerPlaces: PlaceTable = noPlaces;
