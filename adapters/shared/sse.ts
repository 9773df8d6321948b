/**
 * Server-sent events (WHATWG HTML section 9.2), cut from bytes as they arrive.
 *
 * Only whole events are decoded, so that a character cut in two never is; each event keeps its own text, line ends and all, so that what is not
 * touched goes on byte for byte.
 */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = 0xfeff;

/** Bytes of one event; images and audio come as base64 in one. */
export const defaultEventBytes = 16 * 1024 * 1024;

/** Index after the last blank line of `bytes`, whose line before it ended with `previous`; 0 when there is none. */
const afterLastBlankLine = (bytes: Buffer, previous: number): number => {
  let end = bytes.lastIndexOf("\n\n");
  end = end < 0 ? 0 : end + 2;
  if (end === 0 && previous === lineFeed && bytes[0] === lineFeed) end = 1;
  if (bytes.lastIndexOf(carriageReturn) < 0) return end;
  return Math.max(end, afterLastCarriageReturnPair(bytes, previous));
};

/** The same where a carriage return takes part: `\r\r` or `\n\r`, and the `\n` that belongs to its second line end. */
const afterLastCarriageReturnPair = (bytes: Buffer, previous: number): number => {
  let at = Math.max(bytes.lastIndexOf("\r\r"), bytes.lastIndexOf("\n\r"));
  if (at < 0 && bytes[0] === carriageReturn && (previous === carriageReturn || previous === lineFeed)) at = -1;
  else if (at < 0) return 0;
  const end = at + 2;
  return bytes[end] === lineFeed ? end + 1 : end;
};

/** Cuts a byte stream at the ends of its events. One splitter a stream. */
export class EventSplitter {
  readonly #limit: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The last byte seen. */
  #previous = 0;
  #first = true;

  constructor(limit = defaultEventBytes) {
    this.#limit = limit;
  }

  /**
   * The text of all events that are now whole, which is a number of whole events; empty when none is. Throws `upstream_invalid` for what is not UTF-8
   * and for an event that is too large.
   */
  push(chunk: Buffer): string {
    if (chunk.length === 0) return "";
    const cut = afterLastBlankLine(chunk, this.#previous);
    this.#previous = chunk[chunk.length - 1] ?? 0;
    if (cut === 0) {
      this.#keep(chunk);
      return "";
    }
    const head = cut === chunk.length ? chunk : chunk.subarray(0, cut);
    const whole = this.#pendingBytes === 0 ? head : Buffer.concat([...this.#pending, head]);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (cut < chunk.length) this.#keep(chunk.subarray(cut));
    return this.#decode(whole);
  }

  /** What follows the last whole event, once no more will come: an event that nothing ended, or nothing. */
  rest(): string {
    const rest = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return this.#decode(rest);
  }

  #keep(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes > this.#limit) throw new GatewayError("upstream_invalid", undefined, { note: "an event is too large" });
  }

  #decode(bytes: Buffer): string {
    if (!isUtf8(bytes)) throw new GatewayError("upstream_invalid", undefined, { note: "the stream is not UTF-8" });
    const text = bytes.toString("utf8");
    // A byte order mark is no part of the first event (section 9.2.4) and nobody misses it.
    const marked = this.#first && text.charCodeAt(0) === byteOrderMark;
    if (text !== "") this.#first = false;
    return marked ? text.slice(1) : text;
  }
}

const anyEvent = /[\s\S]*?(?:\n\n|\r\r\n?|\n\r\n?)/y;

/**
 * Where the event that begins at `from` ends in a text that {@link EventSplitter} gave: the offset after its blank line. `carriage`: whether the text
 * has a carriage return anywhere, asked once a text because nearly none has.
 */
export const endOfEvent = (text: string, from: number, carriage: boolean): number => {
  if (!carriage) {
    const end = text.indexOf("\n\n", from);
    return end < 0 ? text.length : end + 2;
  }
  anyEvent.lastIndex = from;
  return anyEvent.test(text) ? anyEvent.lastIndex : text.length;
};

/** A line of an event: offsets into the event's text. `valueStart` is where its value begins, after the colon and one space. */
export interface EventLine {
  readonly field: string;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

const readLine = (event: string, start: number, end: number): EventLine => {
  const colon = event.indexOf(":", start);
  if (colon < 0 || colon >= end) return { field: event.slice(start, end), start, valueStart: end, end };
  const valueStart = event[colon + 1] === " " && colon + 1 < end ? colon + 2 : colon + 1;
  return { field: event.slice(start, colon), start, valueStart, end };
};

/** Where the line that begins at `from` ends, and where the next begins (section 9.2.5). `carriage`: whether the event has a carriage return. */
const endOfLine = (event: string, from: number, carriage: boolean): readonly [number, number] => {
  const feed = event.indexOf("\n", from);
  const end = feed < 0 ? event.length : feed;
  const before = carriage ? event.indexOf("\r", from) : -1;
  if (before < 0 || before > end) return [end, end + 1];
  return [before, before + 1 === feed ? feed + 1 : before + 1];
};

/** The lines of an event, blank ones left out. A comment is a line whose field is empty. */
export const eventLines = (event: string): readonly EventLine[] => {
  const carriage = event.includes("\r");
  const lines: EventLine[] = [];
  for (let start = 0; start < event.length; ) {
    const [end, next] = endOfLine(event, start, carriage);
    if (end > start) lines.push(readLine(event, start, end));
    start = next;
  }
  return lines;
};
