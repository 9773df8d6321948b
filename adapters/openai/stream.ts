/**
 * Streams of the OpenAI API: events in, framed messages out.
 *
 * Nearly every event of a stream differs from an earlier one in its text alone, and is read by comparing (adapters/shared/frame-match.ts);
 * the first of each kind, and everything unusual, is parsed in full.
 */

import { GatewayError } from "../../src/envelope/error.ts";
import type { StreamCodec } from "../../src/envelope/message.ts";
import type { Lane } from "../../src/envelope/text.ts";
import { framedCodec } from "../shared/document.ts";
import { type Frame, type FramedMessage, quietFrame } from "../shared/frame.ts";
import { matchFrame } from "../shared/frame-match.ts";
import { EventSplitter, endOfEvent } from "../shared/sse.ts";
import { ChunkLanes, chunkAround } from "./chunk-lanes.ts";
import { type EventReader, makeEventReader } from "./event.ts";
import { SeenStrings } from "./seen-strings.ts";

/** Frames kept for comparison: a stream alternates between a few kinds of event, one for each choice or tool call. */
const keptFrames = 4;

export interface StreamOptions {
  readonly masked: boolean;
  readonly stopSequences: boolean;
  /** Whether this is a chat stream, whose table is known and which must end with `[DONE]`; else every event is walked. */
  readonly chat: boolean;
}

/** How often a stream is read up to an event whose strings are new and no further, so that those after it need not be parsed too. Enough for its own and some tool calls'. */
const mostPauses = 8;

/** Whether later events may be read by comparing them with this frame: nothing of it but its texts may differ, and none of those ends with it. */
const comparable = ({ slots, closings, ends }: Frame): boolean =>
  slots.length > 0 && closings.length === 0 && !ends && slots.every(({ form }) => form === "string");

/** Reads one stream. */
export class OpenaiStream {
  readonly #splitter = new EventSplitter();
  readonly #lanes: ChunkLanes;
  readonly #seen = new SeenStrings();
  readonly #events: EventReader;
  readonly #chat: boolean;
  #frames: Frame[] = [];
  /** Whole events that have not been read, and where they begin. */
  #text = "";
  #at = 0;
  #pauses = 0;
  #paused = false;
  #ended = false;

  constructor(options: StreamOptions) {
    this.#lanes = new ChunkLanes(options.stopSequences);
    this.#events = makeEventReader({ ...options, lanes: this.#lanes, seen: this.#seen });
    this.#chat = options.chat;
  }

  /** Whether the event that ends the stream has been read; what follows it is nobody's. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether what was read should go through the core before anything else is: then {@link OpenaiStream.readOn} goes on. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Puts the events that are now whole into `out`. Throws `upstream_invalid` for what is no event stream. */
  push(chunk: Buffer, out: FramedMessage[]): void {
    const text = this.#splitter.push(chunk);
    if (text === "") return;
    this.#text = this.#paused ? this.#text.slice(this.#at) + text : text;
    this.#at = 0;
    this.readOn(out);
  }

  /** Goes on after a pause. */
  readOn(out: FramedMessage[]): void {
    this.#paused = false;
    this.#at = this.#read(this.#text, this.#at, out);
  }

  /** The stream's bytes are over: puts an event that nothing ended into `out`. Throws `upstream_invalid` when a chat stream has not said that it ended. */
  end(out: FramedMessage[]): void {
    while (this.paused) this.readOn(out);
    const rest = this.#splitter.rest();
    if (rest !== "" && !this.#ended) this.#read(`${rest}\n\n`, 0, out);
    if (this.#chat && !this.#ended) throw new GatewayError("upstream_invalid", undefined, { note: "the stream ended without [DONE]" });
  }

  /** How the core reads this stream's messages. */
  readonly codec: StreamCodec<FramedMessage> = {
    ...framedCodec,
    rewrite: (message, texts) => {
      this.#seen.note(message, texts);
      return framedCodec.rewrite(message, texts);
    },
    onlyText: ({ frame }) => frame.onlyText,
    ends: ({ frame }) => frame.ends,
    carry: (lane, text) => this.#carry(lane, text),
  };

  /** Reads events from an offset on; returns the offset of the first that was not read. */
  #read(text: string, from: number, out: FramedMessage[]): number {
    const carriage = text.includes("\r");
    let at = from;
    while (at < text.length && !this.#ended) {
      const compared = this.#compare(text, at);
      if (compared?.whole !== undefined) {
        out.push(compared);
        at += compared.whole.length;
        continue;
      }
      const end = endOfEvent(text, at, carriage);
      const parsed = this.#parse(text.slice(at, end));
      out.push(parsed);
      at = end;
      if (this.#pauses < mostPauses && this.#seen.awaits(parsed)) {
        this.#pauses += 1;
        this.#paused = true;
        break;
      }
    }
    return at;
  }

  /** The event at an offset, if it fits a frame that is kept; that frame comes first from then on. */
  #compare(text: string, at: number): FramedMessage | undefined {
    const frames = this.#frames;
    for (let index = 0; index < frames.length; index++) {
      const frame = frames[index];
      const read = frame === undefined ? undefined : matchFrame(frame, text, at);
      if (frame === undefined || read === undefined) continue;
      if (index > 0) {
        frames[index] = frames[0] ?? frame;
        frames[0] = frame;
      }
      return read;
    }
    return undefined;
  }

  #parse(event: string): FramedMessage {
    const { finished } = this.#lanes;
    const read = this.#events(event);
    const { frame } = read;
    if (frame.ends) this.#ended = true;
    // A finished choice has no lanes any more: what was learned of its events before no longer holds.
    if (this.#lanes.finished > finished) this.#frames = [];
    else if (comparable(frame) && read.whole !== undefined) this.#frames = [frame, ...this.#frames.slice(0, keptFrames - 1)];
    return read;
  }

  #carry(lane: Lane, text: string): FramedMessage {
    const place = this.#lanes.placeOf(lane);
    if (place === undefined) throw new GatewayError("internal", undefined, { note: "text was held of a lane that cannot carry it" });
    const json = place.field === "tool_call" || place.field === "function_call";
    const slot = {
      lane,
      author: json ? "tool-input" : "assistant",
      syntax: json ? "json" : "plain",
      path: [],
      form: "string",
      shown: true,
    } as const;
    const frame: Frame = { ...quietFrame, literals: chunkAround(this.#events.envelope(), place), slots: [slot], onlyText: true };
    const empty: FramedMessage = { frame, texts: [""], raws: [""], whole: undefined };
    return framedCodec.rewrite(empty, [text]);
  }
}
