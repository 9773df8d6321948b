/** The grammar of streams that nobody has described: every event is walked, and closes what it says. */

import type { EventTable, StreamGrammar } from "../shared/events/index.ts";
import { noPlaces } from "../shared/place.ts";
import { isApiWord } from "./vocabulary.ts";

const table: EventTable = { places: noPlaces, numbers: true, ends: false };

/** One object serves every such stream, because it keeps nothing of any. */
export const unknownGrammar: StreamGrammar = {
  typeMember: undefined,
  lastWord: "[DONE]",
  unended: undefined,
  strictLines: false,
  epoch: 0,
  tableOf: () => table,
  isWord: isApiWord,
  usageOf: () => undefined,
  laneOf: () => undefined,
  isCut: () => false,
  closings: () => [],
  carrier: () => undefined,
};
