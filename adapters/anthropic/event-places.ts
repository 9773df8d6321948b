/** Where text stands in the events of a streamed message, by type. What is not named here is walked as data. */

import type { EventTable } from "../shared/events/index.ts";
import { field, noPlaces, type Place, placeTable, sealed, text, token } from "../shared/place.ts";
import { blockTree, citationPlaces, named, type Places, voiced } from "./blocks.ts";
import { answerVoices, contextPlaces, endingPlaces, errorFields, messagePlaces, usagePlaces } from "./places.ts";

const type: Places = { type: token };
const index: Places = { index: field("index", { idle: true }) };

const described = (places: Places, ends = false): EventTable => ({ places: placeTable({ ...type, ...places }), numbers: false, ends });

const running = (author: "assistant" | "tool-input", syntax: "plain" | "json"): Place =>
  text(author, { scope: "stream", syntax, depth: 2 });

/** A block as it begins. Its words run on; the rest of it is all there. */
const begunBlock: Places = {
  ...blockTree("content_block", answerVoices),
  "content_block.text": running("assistant", "plain"),
  "content_block.thinking": running("assistant", "plain"),
};

const delta: Places = {
  ...named("delta.", ["type"], token),
  "delta.text": running("assistant", "plain"),
  "delta.thinking": running("assistant", "plain"),
  "delta.partial_json": running("tool-input", "json"),
  ...citationPlaces("delta.citation"),
  ...voiced("delta.", ["content"], "assistant"),
  "delta.signature": answerVoices.seal,
  "delta.encrypted_content": sealed,
};

/** The events of a stream, by their `type`. */
export const eventTables: ReadonlyMap<string, EventTable> = new Map([
  ["message_start", described(messagePlaces("message."))],
  ["content_block_start", described({ ...index, ...begunBlock })],
  ["content_block_delta", described({ ...index, ...delta })],
  ["content_block_stop", described(index)],
  ["message_delta", described({ ...endingPlaces("delta."), ...contextPlaces(""), ...usagePlaces("usage.") })],
  ["message_stop", described({}, true)],
  ["ping", described({})],
  ["error", described(errorFields, true)],
]);

/** An event of a type that nobody has described. */
export const unknownEvent: EventTable = { places: noPlaces, numbers: true, ends: false };

/** What tells how a block before it ended. */
export const bearingPlaces = placeTable({
  type: field("type"),
  index: field("index"),
  "content_block.type": field("block"),
  "delta.stop_reason": field("stop_reason"),
});
