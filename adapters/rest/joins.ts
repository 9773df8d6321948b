/**
 * Which fields of a streamed answer's messages spell one text over the whole stream (rule 1 of the law of masking): tables of paths.
 *
 * `done` says that the texts have come to their end: by `true`, by an object or a word. Everything else closes with its message.
 */

import { field, placeTable, text } from "../shared/place.ts";

/** The name of fields by which a message says that generation has ended. */
export const doneField = "done";

/** The name of fields by which a choice says which it is. */
export const indexField = "index";

const done = field(doneField);
/** A piece of one text; `depth` segments of its path name the lane. */
const piece = (depth: number) => text("assistant", { scope: "stream", depth });

/** Fields that are pieces by their own name, whoever's stream it is: deltas of OpenAI's and Anthropic's kind, tokens as text-generation-inference writes them. */
export const commonPlaces = placeTable({
  "choices.*.finish_reason": done,
  "choices.*.index": field(indexField),
  "choices.*.delta.role": field("role"),
  "choices.*.delta.*": piece(4),
  "choices.*.text": piece(3),
  delta: piece(1),
  "delta.type": field("type"),
  "delta.stop_reason": done,
  "delta.*": piece(2),
  token: piece(1),
  "token.text": piece(2),
  generated_text: done,
  text_output: piece(1),
});

/** One of these keys stands in every event that {@link commonPlaces} has a piece or an end in. */
export const commonKeys = /"(?:delta|token|text_output|choices|generated_text)"/;

/** An inference response as each event: elements of text tensors go on from one to the next. */
const responsePlaces = { "outputs.*.data.*": piece(4) };

/** MLServer's `infer_stream`. */
export const inferStreamPlaces = placeTable(responsePlaces);

/** `generate_stream`: Triton's outputs stand under the names of the model's own tensors, MLServer's in an inference response. */
export const generatePlaces = placeTable({
  model_name: field("model_name"),
  model_version: field("model_version"),
  id: field("id"),
  error: text("data", { depth: 1 }),
  ...responsePlaces,
  "*": piece(1),
  "*.*": piece(2),
});

/** Ollama's `/api/generate`. */
export const ollamaGeneratePlaces = placeTable({ response: piece(1), thinking: piece(1), done });

/** Ollama's `/api/chat`. */
export const ollamaChatPlaces = placeTable({ "message.content": piece(2), "message.thinking": piece(2), done });

/** llama.cpp's `/completion`. */
export const llamaPlaces = placeTable({ content: piece(1), stop: done });
