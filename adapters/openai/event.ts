/** One event of an OpenAI stream, parsed in full. */

import { GatewayError } from "../../src/envelope/error.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import { type Closing, lane } from "../../src/envelope/text.ts";
import { dataLane } from "../shared/document.ts";
import { type Frame, type FramedMessage, quietFrame, type Slot, type SlotForm } from "../shared/frame.ts";
import { cutDocument, FrameBuilder } from "../shared/frame-builder.ts";
import { type FoundField, type FoundText, type Located, locate } from "../shared/locate.ts";
import { type EventLine, eventLines } from "../shared/sse.ts";
import type { ChunkLanes } from "./chunk-lanes.ts";
import { chatChunkPlaces, unknownAnswerPlaces } from "./places.ts";
import type { SeenStrings } from "./seen-strings.ts";
import { usageOf } from "./usage.ts";

export interface EventOptions {
  readonly masked: boolean;
  readonly chat: boolean;
  readonly lanes: ChunkLanes;
  /** What the stream repeats and need not be walked again. */
  readonly seen: SeenStrings;
}

/** Parses events of one stream. Throws `upstream_invalid`. */
export interface EventReader {
  (event: string): FramedMessage;
  /** The members that every chunk of the stream has, as JSON with a comma behind; empty before the first chunk. */
  envelope(): string;
}

const done = "[DONE]";

/** Fields of one chunk: some four for each of at most 128 choices (OpenAI's own limit of `n`) and its tool calls. */
const mostFields = 4_096;

/** Values of `event`, `id` and `retry` lines that are words of the protocol; anything else on a line besides `data` is text. */
const protocolWord = /^[A-Za-z0-9_.:/+=-]{0,128}$/;
const protocolFields = new Set(["event", "id", "retry"]);

/** The event's data, and where each of its offsets stands in the event. */
interface EventData {
  readonly text: string;
  readonly offset: (at: number) => number;
}

const joinData = (event: string, lines: readonly EventLine[]): EventData => {
  const [first] = lines;
  if (lines.length === 1 && first !== undefined)
    return { text: event.slice(first.valueStart, first.end), offset: (at) => first.valueStart + at };
  const starts: { readonly joined: number; readonly source: number }[] = [];
  let text = "";
  for (const { valueStart, end } of lines) {
    if (starts.length > 0) text += "\n";
    starts.push({ joined: text.length, source: valueStart });
    text += event.slice(valueStart, end);
  }
  const offset = (at: number): number => {
    const line = starts.findLast(({ joined }) => joined <= at);
    return line === undefined ? at : line.source + at - line.joined;
  };
  return { text, offset };
};

/** The range of a line that is text; undefined when it says nothing of its own. */
const lineText = (event: string, { field, start, valueStart, end }: EventLine): readonly [number, number] | undefined => {
  if (field === "") return valueStart < end ? [valueStart, end] : undefined;
  if (!protocolFields.has(field)) return [start, end];
  return protocolWord.test(event.slice(valueStart, end)) ? undefined : [valueStart, end];
};

/** A member that every chunk of the stream has: its value, and the member as JSON with a comma behind. */
interface EnvelopeMember {
  readonly value: FoundField["value"];
  readonly json: string;
}

/** Reads the events of one stream. `ordinal` numbers them, so that lanes which close with their event have names of their own. */
class Events {
  readonly #options: EventOptions;
  #ordinal = 0;
  #members: readonly EnvelopeMember[] = [];

  constructor(options: EventOptions) {
    this.#options = options;
  }

  /** INVARIANT: what could not pass unread is left out, for nobody walks it again. */
  get envelope(): string {
    const { passes } = this.#options.seen;
    return this.#members.map(({ value, json }) => (typeof value === "string" && !passes(value) ? "" : json)).join("");
  }

  read(event: string): FramedMessage {
    this.#ordinal += 1;
    const lines = eventLines(event);
    const dataLines = lines.filter(({ field }) => field === "data");
    const data = joinData(event, dataLines);
    if (dataLines.length === 0) return this.#plain(event, lines, { ends: false });
    if (data.text === done) return this.#plain(event, lines, { ends: true });
    return this.#document(event, lines, data);
  }

  /** An event without JSON: its other lines may still bear text. */
  #plain(event: string, lines: readonly EventLine[], { ends }: { readonly ends: boolean }): FramedMessage {
    const builder = new FrameBuilder(event);
    const closings: Closing[] = [];
    for (const line of lines) if (line.field !== "data") this.#line(builder, event, line, closings);
    const { literals, slots, texts, raws } = builder.finish();
    return { frame: { ...quietFrame, literals, slots, closings, ends }, texts, raws, whole: event };
  }

  #document(event: string, lines: readonly EventLine[], data: EventData): FramedMessage {
    const located = this.#locate(data.text);
    const builder = new FrameBuilder(event);
    const closings: Closing[] = [];
    const at = lines.findIndex(({ field }) => field === "data");
    const after = lines.findLastIndex(({ field }) => field === "data");
    if (lines.slice(at, after).some((line) => line.field !== "data"))
      throw new GatewayError("upstream_invalid", undefined, { note: "data in pieces" });
    for (const line of lines.slice(0, at)) this.#line(builder, event, line, closings);
    const changed = cutDocument(builder, located, {
      slotOf: (found, form) => this.#slot(found, form, { located, closings }),
      dropEchoes: this.#options.masked,
      offset: data.offset,
    });
    for (const line of lines.slice(after + 1)) this.#line(builder, event, line, closings);
    if (this.#options.chat) {
      closings.push(...this.#options.lanes.finish(located.fields));
      this.#remember(data.text, located.fields);
    }
    const { literals, slots, texts, raws } = builder.finish();
    const frame: Frame = {
      literals,
      slots,
      closings,
      visibility: located.visibility,
      usage: usageOf(located.fields),
      onlyText: located.idle && lines.length === 1 && closings.length === 0,
      ends: false,
    };
    return { frame, texts, raws, whole: changed ? undefined : event };
  }

  #locate(text: string): Located {
    const { chat, seen } = this.#options;
    try {
      const located = locate(text, { table: chat ? chatChunkPlaces : unknownAnswerPlaces, numbers: !chat, passes: seen.passes });
      if (located.fields.length > mostFields) throw new GatewayError("upstream_invalid", undefined, { note: "a chunk of too many parts" });
      return located;
    } catch (thrown) {
      if (!(thrown instanceof JsonError)) throw thrown;
      throw new GatewayError("upstream_invalid", undefined, { cause: thrown });
    }
  }

  /** A text's slot; lanes that do not run on are added to what the event closes. */
  #slot(found: FoundText, form: SlotForm, { located, closings }: { readonly located: Located; readonly closings: Closing[] }): Slot {
    const { place, path } = found;
    if (place?.kind === "noise") return { lane: lane("noise"), author: "data", syntax: "plain", path, form, shown: false };
    const running = place?.scope === "stream" ? this.#options.lanes.laneOf(found, located.fields) : undefined;
    const author = place?.author ?? "data";
    const syntax = place?.syntax ?? "plain";
    if (running !== undefined) return { lane: running, author, syntax, path, form, shown: true };
    const closed = lane(`${dataLane(found)}@${this.#ordinal}`);
    closings.push({ lane: closed, complete: true });
    return { lane: closed, author, syntax, path, form, shown: true };
  }

  #line(builder: FrameBuilder, event: string, line: EventLine, closings: Closing[]): void {
    const range = lineText(event, line);
    if (range === undefined) return;
    if (this.#options.chat && line.field !== "" && !protocolFields.has(line.field)) {
      throw new GatewayError("upstream_invalid", undefined, { note: "a line that no event has" });
    }
    const closed = lane(`line.${line.start}@${this.#ordinal}`);
    closings.push({ lane: closed, complete: true });
    builder.slot(range[0], range[1], { lane: closed, author: "data", syntax: "plain", path: [], form: "line", shown: true });
  }

  #remember(text: string, fields: readonly FoundField[]): void {
    const members = fields.filter(({ name, value }) => name.startsWith("envelope.") && protocolWord.test(String(value)));
    if (members.length > 0) {
      this.#members = members.map(({ path, start, end, value }) => ({
        value,
        json: `${JSON.stringify(path[0])}:${text.slice(start, end)},`,
      }));
    }
  }
}

/** A reader for one stream. */
export const makeEventReader = (options: EventOptions): EventReader => {
  const events = new Events(options);
  return Object.assign((event: string) => events.read(event), { envelope: () => events.envelope });
};
