/** Streamed bodies of server-sent events (WHATWG HTML section 9.2). */

import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import { type EventLine, EventSplitter, endOfEvent, eventLines } from "../shared/sse.ts";
import type { TextReader } from "./body-stream.ts";
import { streamCodec } from "./codec.ts";
import { dropEchoes } from "./echoes.ts";
import { type JoinedLanes, type JoinRules, readJoined } from "./joined.ts";
import { syntaxOf } from "./media.ts";
import { emptyMessage, literal, type Part, type RestMessage, type TextPart } from "./message.ts";

const dataField = "data";
/** Data that are no text but a word by which a stream says that it is over: `[DONE]` and its like. */
const endWord = /^\[[A-Z_]{1,32}\]$/;

/** Lines that say something to the client's machinery alone; anything else on a line is text. */
const protocolLines: ReadonlyMap<string, RegExp> = new Map([
  ["event", /^[A-Za-z][A-Za-z_.-]{0,63}$/],
  ["id", /^\d{0,15}$/],
  ["retry", /^\d{0,15}$/],
]);

/** The range of a line that is text; undefined where it has none. */
const textRange = (event: string, { field, start, valueStart, end }: EventLine): readonly [number, number] | undefined => {
  const word = protocolLines.get(field);
  const from = field === "" || word !== undefined ? valueStart : start;
  if (from === end || word?.test(event.slice(valueStart, end)) === true) return undefined;
  return [from, end];
};

/** Takes one event apart. */
class EventCut {
  readonly parts: Part[] = [];
  readonly closings: Closing[] = [];
  /** Whether the event no longer is as it came. */
  changed = false;
  readonly #event: string;
  readonly #ordinal: number;
  #at = 0;

  constructor(event: string, ordinal: number) {
    this.#event = event;
    this.#ordinal = ordinal;
  }

  /** The range is a text that closes with its event; `index` is its line's. */
  line(index: number, start: number, end: number): void {
    this.text(start, end, { raw: this.#event.slice(start, end), writing: "line", name: `line.${index}` });
  }

  text(start: number, end: number, text: { readonly raw: string; readonly writing: "line" | "event"; readonly name: string }): void {
    const { raw, writing } = text;
    const name = lane(`event.${this.#ordinal}.${text.name}`);
    const part: TextPart = {
      lane: name,
      author: "assistant",
      syntax: writing === "event" ? syntaxOf(raw) : "plain",
      path: [],
      writing,
      text: raw,
      raw: writing === "event" ? raw.replaceAll("\n", "\ndata: ") : raw,
    };
    this.closings.push({ lane: name, complete: true });
    this.replace(start, end, [part]);
  }

  /** These parts stand for the range. */
  replace(start: number, end: number, parts: readonly Part[]): void {
    if (start > this.#at) this.parts.push(this.#event.slice(this.#at, start));
    this.parts.push(...parts);
    this.#at = end;
  }

  /** What stands before `end` stays as it is. */
  keep(end: number): void {
    this.replace(end, end, []);
  }

  /** What stands before `end` has been told already. */
  skip(end: number): void {
    this.#at = end;
  }

  finish(): void {
    this.keep(this.#event.length);
  }
}

/** Each event's data are one text, and so is each of its lines that says anything else; all close with the event. Fields that join run over the events. */
export class EventStream implements TextReader {
  readonly codec = streamCodec((name: Lane, text: string) => this.#carry(name, text), "events");
  readonly #splitter = new EventSplitter();
  readonly #rules: JoinRules;
  readonly #joined: JoinedLanes;
  #ordinal = 0;
  /** What ends an event that the stream has not ended: what is carried after it is none of it. */
  #ending = "";

  constructor(rules: JoinRules, joined: JoinedLanes) {
    this.#rules = rules;
    this.#joined = joined;
  }

  read(bytes: Buffer, out: RestMessage[]): void {
    const text = this.#splitter.push(bytes);
    const carriage = text.includes("\r");
    for (let at = 0; at < text.length; ) {
      const end = endOfEvent(text, at, carriage);
      out.push(this.#event(text.slice(at, end)));
      at = end;
    }
  }

  close(complete: boolean, out: RestMessage[]): void {
    const rest = this.#splitter.rest();
    if (rest !== "") {
      out.push(this.#event(rest));
      this.#ending = "\n\n";
    }
    const closings = this.#joined.closeAll(complete);
    if (closings.length > 0) out.push({ ...emptyMessage, closings });
  }

  #event(event: string): RestMessage {
    const lines = eventLines(event);
    if (lines.length === 0) return literal(event);
    this.#ordinal += 1;
    const cut = new EventCut(event, this.#ordinal);
    const dataLines = lines.filter(({ field }) => field === dataField);
    const [first] = dataLines;
    for (const [index, line] of lines.entries()) {
      if (line.field !== dataField) {
        const range = textRange(event, line);
        if (range === undefined) cut.keep(line.end);
        else cut.line(index, ...range);
      } else if (line !== first) cut.skip(line.end);
      else this.#data(cut, line, dataLines.map(({ valueStart, end }) => event.slice(valueStart, end)).join("\n"));
    }
    cut.finish();
    return { ...emptyMessage, body: cut.parts, whole: cut.changed ? undefined : event, closings: cut.closings };
  }

  /** The event's data, which begin on this line. */
  #data(cut: EventCut, { valueStart, end }: EventLine, data: string): void {
    if (data === "") return;
    if (endWord.test(data)) {
      cut.closings.push(...this.#joined.closeAll(true));
      return;
    }
    const { echoes } = this.#rules;
    const kept = echoes === undefined ? data : dropEchoes(data, echoes);
    if (kept !== data) cut.changed = true;
    const joined = readJoined(kept, this.#rules, this.#joined);
    if (joined === undefined) cut.text(valueStart, end, { raw: kept, writing: "event", name: "data" });
    else {
      cut.replace(valueStart, end, joined.parts);
      cut.closings.push(...joined.closings);
    }
  }

  #carry(name: Lane, text: string): RestMessage {
    const joined = this.#joined.carry(name, text);
    if (joined === undefined) throw new TypeError("a text that closed with its event is held by nobody");
    return { ...emptyMessage, body: [`${this.#ending}data: `, ...joined, "\n\n"], onlyText: true };
  }
}
