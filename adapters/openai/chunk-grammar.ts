/** The grammar of streams made of chunks with choices: chat completions, and the legacy completions. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import type { Closing, Lane } from "../../src/envelope/text.ts";
import { type Carrier, type EventFacts, type EventTable, isProtocolWord, type StreamGrammar } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import type { FoundField, FoundText } from "../shared/locate.ts";
import type { PlaceTable } from "../shared/place.ts";
import { ChunkLanes, calledLane, chunkAround, lastChunk, usageChunk } from "./chunk-lanes.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

/** A member that every chunk of the stream has: its value, and the member as JSON with a comma behind. */
interface EnvelopeMember {
  readonly value: FoundField["value"];
  readonly json: string;
}

export class ChunkGrammar implements StreamGrammar {
  readonly typeMember = undefined;
  readonly lastWord = "[DONE]";
  readonly unended = "the stream ended without [DONE]";
  readonly strictLines = true;
  readonly isWord = isApiWord;
  readonly #table: EventTable;
  readonly #lanes: ChunkLanes;
  readonly #usageAsked: boolean;
  #envelope: readonly EnvelopeMember[] = [];

  /** `stopSequences`: whether the caller named sequences that end generation; `usageAsked`: whether they asked what the call has used. */
  constructor(places: PlaceTable, stopSequences: boolean, usageAsked = false) {
    this.#usageAsked = usageAsked;
    this.#table = { places, numbers: false, ends: false };
    this.#lanes = new ChunkLanes(stopSequences);
  }

  get epoch(): number {
    return this.#lanes.finished;
  }

  tableOf(): EventTable {
    return this.#table;
  }

  usageOf({ fields }: EventFacts): TokenUsage | undefined {
    return usageOf(fields);
  }

  laneOf(found: FoundText, { fields }: EventFacts): Lane | undefined {
    return this.#lanes.laneOf(found, fields);
  }

  laneIn(found: FoundText, { fields }: EventFacts): Lane | undefined {
    return calledLane(found, fields);
  }

  isCut(): boolean {
    return false;
  }

  closings({ document, fields }: EventFacts): readonly Closing[] {
    this.#remember(document, fields);
    return this.#lanes.finish(fields);
  }

  carrier(lane: Lane, _like: FramedMessage, passes: (text: string) => boolean): Carrier | undefined {
    const place = this.#lanes.placeOf(lane);
    if (place === undefined) return undefined;
    const json = place.field === "tool_call" || place.field === "function_call";
    const [before, after] = chunkAround(this.#said(passes), place);
    return { before, after, author: json || place.field === "custom" ? "tool-input" : "assistant", syntax: json ? "json" : "plain" };
  }

  endAtLimit(_like: FramedMessage, usage: TokenUsage, passes: (text: string) => boolean): readonly string[] {
    const envelope = this.#said(passes);
    const ends = this.#lanes.unfinished().map((place) => lastChunk(envelope, place));
    return [...ends, ...(this.#usageAsked ? [usageChunk(envelope, usage)] : []), `data: ${this.lastWord}\n\n`];
  }

  /** INVARIANT: what could not pass unread is left out, for nobody walks it again. */
  #said(passes: (text: string) => boolean): string {
    return this.#envelope.map(({ value, json }) => (typeof value === "string" && !passes(value) ? "" : json)).join("");
  }

  #remember(document: string, fields: readonly FoundField[]): void {
    const members = fields.filter(({ name, value }) => name.startsWith("envelope.") && isProtocolWord(String(value)));
    if (members.length === 0) return;
    this.#envelope = members.map(({ path, start, end, value }) => ({
      value,
      json: `${JSON.stringify(path[0])}:${document.slice(start, end)},`,
    }));
  }
}
