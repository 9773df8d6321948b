/** Every table of the API in one list: what documents name and what the leak matrix walks through. */

import type { PlaceTable } from "../shared/place.ts";
import { apiOf } from "./apis.ts";
import type { ApiKind } from "./operations.ts";
import { chatChunkPlaces, completionsChunkPlaces, errorPlaces } from "./places.ts";
import { responseEvents } from "./responses/events.ts";
import { transcriptEvents } from "./transcript-grammar.ts";

/** One kind of message and where text stands in it. */
export interface Surface {
  /** Whose bodies these are: `chat.completions`. */
  readonly api: ApiKind | "errors";
  readonly message: "request" | "answer" | "chunk" | "event";
  /** The type of an event. */
  readonly event?: string;
  readonly places: PlaceTable["places"];
}

const described: readonly ApiKind[] = ["chat", "completions", "responses", "embeddings", "moderations", "models", "model", "items"];

const bodies = (api: ApiKind): Surface[] => {
  const { request, answer, asks } = apiOf(api);
  const answered: Surface = { api, message: "answer", places: answer.places };
  return asks ? [{ api, message: "request", places: request.places }, answered] : [answered];
};

/** Every table. */
export const surfaces: readonly Surface[] = [
  ...described.flatMap(bodies),
  { api: "chat", message: "chunk", places: chatChunkPlaces.places },
  { api: "completions", message: "chunk", places: completionsChunkPlaces.places },
  ...Object.entries(transcriptEvents).map(
    ([event, { places }]): Surface => ({ api: "transcript", message: "event", event, places: places.places }),
  ),
  ...Object.entries(responseEvents).map(
    ([event, { places }]): Surface => ({ api: "responses", message: "event", event, places: places.places }),
  ),
  { api: "errors", message: "answer", places: errorPlaces.places },
];
