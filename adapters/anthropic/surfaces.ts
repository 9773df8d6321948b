/** Every table of the API in one list: what documents name and what the leak matrix walks through. */

import type { PlaceTable } from "../shared/place.ts";
import { eventTables } from "./event-places.ts";
import { countAnswerPlaces, errorPlaces, messageAnswerPlaces, messageRequestPlaces, modelListPlaces, modelPlaces } from "./places.ts";

/** One kind of message and where text stands in it. */
export interface Surface {
  /** Whose bodies these are. */
  readonly api: "messages" | "messages.count_tokens" | "models.list" | "models.get" | "errors";
  readonly message: "request" | "answer" | "event";
  /** The type of an event. */
  readonly event?: string;
  readonly places: PlaceTable["places"];
}

/** Every table. */
export const surfaces: readonly Surface[] = [
  { api: "messages", message: "request", places: messageRequestPlaces.places },
  { api: "messages", message: "answer", places: messageAnswerPlaces.places },
  { api: "messages.count_tokens", message: "answer", places: countAnswerPlaces.places },
  { api: "models.list", message: "answer", places: modelListPlaces.places },
  { api: "models.get", message: "answer", places: modelPlaces.places },
  { api: "errors", message: "answer", places: errorPlaces.places },
  ...Array.from(eventTables, ([event, { places }]): Surface => ({ api: "messages", message: "event", event, places: places.places })),
];
