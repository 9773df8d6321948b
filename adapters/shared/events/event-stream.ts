/**
 * A stream of events: bytes in, framed messages out.
 *
 * Nearly every event of a stream differs from an earlier one in its text alone, and is read by comparing (adapters/shared/frame-match.ts);
 * the first of each kind, and everything unusual, is parsed in full.
 */

import { GatewayError } from "../../../src/envelope/error.ts";
import type { StreamCodec, TokenUsage } from "../../../src/envelope/message.ts";
import type { Lane } from "../../../src/envelope/text.ts";
import { framedCodec } from "../document.ts";
import { type Frame, type FramedMessage, quietFrame } from "../frame.ts";
import { matchFrame } from "../frame-match.ts";
import { EventSplitter, endOfEvent } from "../sse.ts";
import { EventReader } from "./event-reader.ts";
import type { StreamGrammar } from "./grammar.ts";
import { SeenStrings } from "./seen-strings.ts";
import { WaitingEvents } from "./waiting-events.ts";

/** Frames kept for comparison: a stream alternates between a few kinds of event, one for each choice or tool call. */
const keptFrames = 4;

/** How often a stream is read up to an event whose strings are new and no further, so that those after it need not be parsed too. Enough for its own and some tool calls'. */
const mostPauses = 8;

/** Whether later events may be read by comparing them with this frame: nothing of it but its texts and noise may differ, and none of those ends with it. */
const comparable = ({ slots, closings, ends }: Frame): boolean =>
  slots.length > 0 &&
  closings.length === 0 &&
  !ends &&
  slots.every(({ form, shown }) => form === "string" || (form === "number" && !shown));

const blankLine: FramedMessage = { frame: { ...quietFrame, literals: ["\n\n"], slots: [] }, texts: [], raws: [], whole: "\n\n" };

export interface EventStreamOptions {
  readonly grammar: StreamGrammar;
  /** Whether the answer's text is masked for the caller: then what repeats it as numbers is removed. */
  readonly masked: boolean;
  /** Whether identifiers are walked. Where nothing is masked for the caller they need not be: the record does without them. Absent: they are. */
  readonly walksIdentifiers?: boolean;
}

/** Reads one stream. */
export class EventStream {
  readonly #grammar: StreamGrammar;
  readonly #splitter = new EventSplitter();
  readonly #walks: boolean;
  readonly #seen: SeenStrings;
  readonly #reader: EventReader;
  readonly #waiting: WaitingEvents | undefined;
  #frames: Frame[] = [];
  /** Whole events that have not been read, and where they begin. */
  #text = "";
  #at = 0;
  #pauses = 0;
  #paused = false;
  #ended = false;

  constructor({ grammar, masked, walksIdentifiers = true }: EventStreamOptions) {
    this.#grammar = grammar;
    this.#seen = new SeenStrings((text) => grammar.isWord(text));
    this.#walks = walksIdentifiers;
    this.#reader = new EventReader({ grammar, masked, passes: this.#passes });
    this.#waiting = grammar.bearing === undefined ? undefined : new WaitingEvents((event) => grammar.bearing?.(event) ?? "none");
  }

  readonly #passes = (text: string): boolean => !this.#walks || this.#seen.passes(text);

  /** Whether the event that ends the stream has been read; what follows it is nobody's. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether what was read should go through the core before anything else is: then {@link EventStream.readOn} goes on. */
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

  /** The stream's bytes are over: puts an event that nothing ended into `out`. Throws `upstream_invalid` when the stream has not said that it ended. */
  end(out: FramedMessage[]): void {
    while (this.#paused) this.readOn(out);
    const rest = this.#splitter.rest();
    this.#text = rest;
    this.#at = 0;
    this.readOn(out);
    this.#waiting?.release();
    do this.readOn(out);
    while (this.#paused);
    const note = this.#grammar.unended;
    if (note === undefined || this.#ended) return;
    // What is said next begins an event of its own.
    if (rest !== "") out.push(blankLine);
    throw new GatewayError("upstream_invalid", undefined, { note });
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
    carry: (lane, text, like) => this.#carry(lane, text, like),
    isOutput: ({ lane }) => this.#reader.says(lane),
    told: (message) => this.#grammar.told?.(message),
    endAtLimit: (like, usage) => this.#endAtLimit(like, usage),
  };

  /** Reads events from an offset on; returns the offset of the first that was not read. */
  #read(text: string, from: number, out: FramedMessage[]): number {
    const waiting = this.#waiting;
    const carriage = text.includes("\r");
    let at = from;
    while (!this.#ended && !this.#paused) {
      const calm = waiting === undefined || waiting.empty;
      const ready = calm ? undefined : waiting.next();
      if (ready !== undefined) {
        this.#parse(ready, out);
        continue;
      }
      if (at >= text.length) break;
      const compared = calm ? this.#compare(text, at) : undefined;
      if (compared?.whole !== undefined) {
        out.push(compared);
        at += compared.whole.length;
        continue;
      }
      const end = endOfEvent(text, at, carriage);
      const event = text.slice(at, end);
      if (waiting === undefined) this.#parse(event, out);
      else waiting.take(event);
      at = end;
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

  #parse(event: string, out: FramedMessage[]): void {
    const { epoch } = this.#grammar;
    const read = this.#reader.read(event);
    const { frame } = read;
    if (frame.ends) this.#ended = true;
    // A lane that has ended has no text any more: what was learned of its events before no longer holds.
    if (this.#grammar.epoch > epoch) this.#frames = [];
    else if (comparable(frame) && read.whole !== undefined) this.#frames = [frame, ...this.#frames.slice(0, keptFrames - 1)];
    out.push(read);
    if (this.#walks && this.#pauses < mostPauses && this.#seen.awaits(read)) {
      this.#pauses += 1;
      this.#paused = true;
    }
  }

  #endAtLimit(like: FramedMessage, usage: TokenUsage): readonly FramedMessage[] | undefined {
    const events = this.#grammar.endAtLimit?.(like, usage, this.#passes);
    return events?.map((event, index) => {
      const ends = index === events.length - 1;
      return {
        frame: { ...quietFrame, literals: [event], slots: [], ends, usage: ends ? usage : undefined },
        texts: [],
        raws: [],
        whole: event,
      };
    });
  }

  #carry(lane: Lane, text: string, like: FramedMessage): FramedMessage {
    const carrier = this.#grammar.carrier(lane, like, this.#passes);
    if (carrier === undefined) throw new GatewayError("internal", undefined, { note: "text was held of a lane that cannot carry it" });
    const { before, after, author, syntax, unsaid } = carrier;
    const slot = { lane, author, syntax, path: [], form: unsaid === true ? "unsaid" : "string", shown: true } as const;
    const frame: Frame = { ...quietFrame, literals: [before, after], slots: [slot], onlyText: true };
    return framedCodec.rewrite({ frame, texts: [""], raws: [""], whole: undefined }, [text]);
  }
}
