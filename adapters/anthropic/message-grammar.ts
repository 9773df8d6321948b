/** The grammar of a streamed message. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import type { Closing, Lane } from "../../src/envelope/text.ts";
import { type Bearing, type Carrier, type EventFacts, type EventTable, peekFields, type StreamGrammar } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import type { FoundField, FoundText } from "../shared/locate.ts";
import { BlockLanes, type Following, type LanePlace, type RunningField } from "./block-lanes.ts";
import { isComplete, limitEnding } from "./ending.ts";
import { bearingPlaces, eventTables, unknownEvent } from "./event-places.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

const fieldValue = (fields: readonly FoundField[], name: string): FoundField["value"] => fields.find((field) => field.name === name)?.value;

const indexOf = (fields: readonly FoundField[]): number => {
  const index = fieldValue(fields, "index");
  return typeof index === "number" ? index : 0;
};

const runningFields: Readonly<Record<string, RunningField>> = { text: "text", thinking: "thinking", partial_json: "partial_json" };

/** The delta that each running text comes in. */
const deltaTypes: Readonly<Record<RunningField, string>> = {
  text: "text_delta",
  thinking: "thinking_delta",
  partial_json: "input_json_delta",
};

const eventOf = (data: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** A delta that bears nothing but a lane's text: what stands before the text, and after it. */
const carrierAt = ({ index, field }: LanePlace): Carrier => ({
  before: `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${deltaTypes[field]}","${field}":"`,
  after: `"}}\n\n`,
  author: field === "partial_json" ? "tool-input" : "assistant",
  syntax: field === "partial_json" ? "json" : "plain",
});

/** What an event says of the block that ended before it. */
const followingOf = (type: unknown, fields: readonly FoundField[]): Following => {
  if (type === "content_block_start") return { kind: "block", type: fieldValue(fields, "block") };
  if (type === "message_delta") return { kind: "end", complete: isComplete(fieldValue(fields, "stop_reason")) };
  return { kind: "nothing" };
};

const nothing: Following = { kind: "nothing" };

/** Whether an event says nothing of the blocks around it. */
const isSilent = (type: unknown): boolean => typeof type !== "string" || type === "ping" || !eventTables.has(type);

const isSignature = ({ path, text }: FoundText): boolean => path.length === 2 && path[1] === "signature" && text !== "";

/**
 * One stream's grammar. The end of a block waits for the event after it, which the API sends in the same moment: only that tells whether the
 * text goes on in another block, has come to its end, or was cut.
 */
export class MessageGrammar implements StreamGrammar {
  readonly typeMember = "type";
  readonly lastWord = undefined;
  readonly unended = "the stream ended without message_stop";
  readonly strictLines = false;
  readonly isWord = isApiWord;
  readonly #lanes = new BlockLanes();
  #following: Following = nothing;
  #usage: TokenUsage | undefined;

  get epoch(): number {
    return this.#lanes.epoch;
  }

  tableOf(type: string | undefined): EventTable {
    return (type === undefined ? undefined : eventTables.get(type)) ?? unknownEvent;
  }

  usageOf({ fields }: EventFacts): TokenUsage | undefined {
    const usage = usageOf(fields, this.#usage);
    this.#usage = usage ?? this.#usage;
    return usage;
  }

  laneOf({ path }: FoundText, facts: EventFacts): Lane | undefined {
    this.#begin(facts);
    const field = runningFields[String(path.at(-1))];
    return field === undefined ? undefined : this.#lanes.laneOf({ index: indexOf(facts.fields), field });
  }

  isCut(): boolean {
    return false;
  }

  closings(facts: EventFacts): readonly Closing[] {
    const { type, fields } = facts;
    switch (type) {
      case "content_block_start":
        this.#begin(facts);
        return this.#signed(facts);
      case "content_block_delta":
        return this.#signed(facts);
      case "content_block_stop":
        return this.#lanes.end(indexOf(fields), this.#following);
      case "message_delta":
      case "message_stop":
      case "error":
        return this.#lanes.endAll(followingOf(type, fields));
      default:
        return [];
    }
  }

  carrier(lane: Lane): Carrier | undefined {
    const place = this.#lanes.placeOf(lane);
    return place === undefined ? undefined : carrierAt(place);
  }

  endAtLimit(_like: FramedMessage, usage: TokenUsage): readonly string[] {
    return [
      ...this.#lanes.unended.map((index) => eventOf({ type: "content_block_stop", index })),
      eventOf({ type: "message_delta", delta: limitEnding, usage: { output_tokens: usage.output } }),
      eventOf({ type: "message_stop" }),
    ];
  }

  bearing(event: string): Bearing {
    const fields = peekFields(event, bearingPlaces, undefined);
    const type = fieldValue(fields, "type");
    if (isSilent(type)) return "none";
    this.#following = followingOf(type, fields);
    return type === "content_block_stop" && this.#lanes.asks(indexOf(fields)) ? "answers-and-asks" : "answers";
  }

  /** Whether a lane is a block's thinking. */
  isThinking(lane: Lane): boolean {
    return this.#lanes.placeOf(lane)?.field === "thinking";
  }

  #begin({ type, fields }: EventFacts): void {
    if (type === "content_block_start") this.#lanes.begin(indexOf(fields), fieldValue(fields, "block"));
  }

  /** A signature ends the thinking that it vouches for. Blocks begin with an empty one. */
  #signed({ fields, texts }: EventFacts): readonly Closing[] {
    return texts.some(isSignature) ? this.#lanes.sign(indexOf(fields)) : [];
  }
}
