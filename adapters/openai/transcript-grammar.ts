/** The grammar of streamed transcriptions and translations: one text, in deltas and then whole. */

import type { Closing, Lane } from "../../src/envelope/text.ts";
import { lane } from "../../src/envelope/text.ts";
import type { Carrier, EventFacts, EventTable, StreamGrammar } from "../shared/events/index.ts";
import { echo, noPlaces, type Place, placeTable, text, token } from "../shared/place.ts";
import { isApiWord } from "./vocabulary.ts";

const deltaType = "transcript.text.delta";
const doneType = "transcript.text.done";
const transcript: Lane = lane("transcript");

const table = (places: Readonly<Record<string, Place>>): EventTable => ({
  places: placeTable({ type: token, logprobs: echo, ...places }),
  numbers: false,
  ends: false,
});

/** The events of such a stream. */
export const transcriptEvents: Readonly<Record<string, EventTable>> = {
  [deltaType]: table({ delta: text("assistant", { depth: 1, scope: "stream" }), segment_id: token }),
  "transcript.text.segment": table({ text: text("assistant", { depth: 1 }), id: token, speaker: text("data", { depth: 1 }) }),
  [doneType]: table({ text: text("assistant", { depth: 1 }), "usage.type": token }),
};

const unknownEvent: EventTable = { places: noPlaces, numbers: true, ends: false };

export class TranscriptGrammar implements StreamGrammar {
  readonly typeMember = "type";
  readonly lastWord = "[DONE]";
  readonly unended = undefined;
  readonly strictLines = true;
  #epoch = 0;

  /** How often the text has ended. */
  get epoch(): number {
    return this.#epoch;
  }

  tableOf(type: string | undefined): EventTable {
    return type !== undefined && Object.hasOwn(transcriptEvents, type) ? (transcriptEvents[type] ?? unknownEvent) : unknownEvent;
  }

  isWord(word: string): boolean {
    return isApiWord(word) || Object.hasOwn(transcriptEvents, word);
  }

  usageOf(): undefined {
    return undefined;
  }

  /** A text after its end is one of its own. */
  laneOf(): Lane {
    return this.#epoch === 0 ? transcript : lane(`${transcript}~${this.#epoch + 1}`);
  }

  isCut(): boolean {
    return false;
  }

  closings({ type }: EventFacts): readonly Closing[] {
    if (type !== doneType) return [];
    const closed = this.laneOf();
    this.#epoch += 1;
    return [{ lane: closed, complete: true }];
  }

  carrier(): Carrier {
    return { before: `data: {"type":"${deltaType}","delta":"`, after: '"}\n\n', author: "assistant", syntax: "plain" };
  }
}
