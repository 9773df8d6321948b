/** How each kind of operation is read: its tables, and what its bodies must have. */

import type { StreamGrammar } from "../shared/events/index.ts";
import type { PlaceTable } from "../shared/place.ts";
import { ChunkGrammar } from "./chunk-grammar.ts";
import type { ApiKind } from "./operations.ts";
import {
  chatAnswerPlaces,
  chatChunkPlaces,
  chatRequestPlaces,
  completionsAnswerPlaces,
  completionsChunkPlaces,
  completionsRequestPlaces,
  embeddingsAnswerPlaces,
  embeddingsRequestPlaces,
  modelListPlaces,
  modelPlaces,
  moderationsAnswerPlaces,
  moderationsRequestPlaces,
  unknownAnswerPlaces,
  unknownRequestPlaces,
} from "./places.ts";
import { ResponsesGrammar } from "./responses/grammar.ts";
import { itemListPlaces, responseAnswerPlaces, responsesRequestPlaces } from "./responses/places.ts";
import { TranscriptGrammar } from "./transcript-grammar.ts";
import { unknownGrammar } from "./unknown-grammar.ts";

export interface Api {
  readonly request: PlaceTable;
  readonly answer: PlaceTable;
  /** Whether somebody has described the bodies: they are JSON then, and numbers in them that the table does not name are no texts. */
  readonly described: boolean;
  /** Whether a request has a body. */
  readonly asks: boolean;
  /** Whether the body names a model. */
  readonly model: "required" | "optional";
  /** A stream's grammar; it keeps the stream's state. `stopSequences`: whether the caller named sequences that end generation; `usageAsked`: whether they asked what the call has used. */
  readonly grammar: (stopSequences: boolean, usageAsked?: boolean) => StreamGrammar;
}

const unknown = (): StreamGrammar => unknownGrammar;

const asked = { described: true, asks: true, model: "required", grammar: unknown } as const;
const fetched = { request: unknownRequestPlaces, described: true, asks: false, model: "optional", grammar: unknown } as const;

const undescribed: Api = {
  request: unknownRequestPlaces,
  answer: unknownAnswerPlaces,
  described: false,
  asks: false,
  model: "optional",
  grammar: unknown,
};

const apis: Readonly<Record<ApiKind, Api>> = {
  chat: {
    ...asked,
    request: chatRequestPlaces,
    answer: chatAnswerPlaces,
    grammar: (stop, usage) => new ChunkGrammar(chatChunkPlaces, stop, usage),
  },
  completions: {
    ...asked,
    request: completionsRequestPlaces,
    answer: completionsAnswerPlaces,
    grammar: (stop, usage) => new ChunkGrammar(completionsChunkPlaces, stop, usage),
  },
  responses: {
    ...asked,
    model: "optional",
    request: responsesRequestPlaces,
    answer: responseAnswerPlaces,
    grammar: () => new ResponsesGrammar(),
  },
  "responses-aside": { ...asked, model: "optional", request: responsesRequestPlaces, answer: responseAnswerPlaces },
  "stored-response": { ...fetched, answer: responseAnswerPlaces, grammar: () => new ResponsesGrammar() },
  items: { ...fetched, answer: itemListPlaces },
  conversation: { ...fetched, request: responsesRequestPlaces, answer: itemListPlaces },
  embeddings: { ...asked, request: embeddingsRequestPlaces, answer: embeddingsAnswerPlaces },
  moderations: { ...asked, model: "optional", request: moderationsRequestPlaces, answer: moderationsAnswerPlaces },
  models: { ...fetched, answer: modelListPlaces },
  model: { ...fetched, answer: modelPlaces },
  transcript: { ...undescribed, grammar: () => new TranscriptGrammar() },
  other: undescribed,
};

/** How an operation is read. */
export const apiOf = (kind: ApiKind): Api => apis[kind];
