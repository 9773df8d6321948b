/** What the lines of one event say: its data, and the words beside it. */

import { GatewayError } from "../../../src/envelope/error.ts";
import { type EventLine, eventLines } from "../sse.ts";

/** An event's data, and where each of its offsets stands in the event. */
export interface EventData {
  readonly text: string;
  readonly offset: (at: number) => number;
}

/** An event's lines: those before its data, the data, and those after it. */
export interface EventParts {
  readonly before: readonly EventLine[];
  /** undefined where the event has no data. */
  readonly data: EventData | undefined;
  readonly after: readonly EventLine[];
}

/** What identifiers are made of. */
const protocolWord = /^[A-Za-z0-9_.:/+=-]{0,128}$/;
const protocolFields = new Set(["event", "id", "retry"]);

/** Whether a text is short and made of the characters of identifiers. */
export const isProtocolWord = (text: string): boolean => protocolWord.test(text);

/** Whether a line is of a kind that the format knows (WHATWG HTML section 9.2.6); a comment is. */
export const isKnownLine = ({ field }: EventLine): boolean => field === "" || field === "data" || protocolFields.has(field);

/** What counts events and milliseconds; longer numbers could be somebody's. */
const counter = /^\d{0,8}$/;

/**
 * The range of a line besides `data` that is text; undefined when it says nothing of its own. `passes`: whether a string may pass unread, asked about what
 * names the event.
 */
export const lineText = (
  event: string,
  { field, start, valueStart, end }: EventLine,
  passes: (text: string) => boolean,
): readonly [number, number] | undefined => {
  if (field === "") return valueStart < end ? [valueStart, end] : undefined;
  if (!protocolFields.has(field)) return [start, end];
  const value = event.slice(valueStart, end);
  return counter.test(value) || passes(value) ? undefined : [valueStart, end];
};

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

/** Takes an event apart. Throws `upstream_invalid` for data with other lines in between, which nobody writes and which has no one range. */
export const eventParts = (event: string): EventParts => {
  const lines = eventLines(event);
  const first = lines.findIndex(({ field }) => field === "data");
  if (first < 0) return { before: lines, data: undefined, after: [] };
  const last = lines.findLastIndex(({ field }) => field === "data");
  const data = lines.slice(first, last + 1);
  if (data.some(({ field }) => field !== "data")) throw new GatewayError("upstream_invalid", undefined, { note: "data in pieces" });
  return { before: lines.slice(0, first), data: joinData(event, data), after: lines.slice(last + 1) };
};
