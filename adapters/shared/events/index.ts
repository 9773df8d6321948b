/** The front door of reading event streams: an API brings a grammar, whose tables say where text stands in each type of event. */

export { streamBatches } from "./batches.ts";
export { eventParts, isProtocolWord } from "./event-data.ts";
export { EventReader, peekFields } from "./event-reader.ts";
export { EventStream } from "./event-stream.ts";
export type { Bearing, Carrier, EventFacts, EventTable, StreamGrammar } from "./grammar.ts";
export { SeenStrings } from "./seen-strings.ts";
