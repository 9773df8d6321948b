/** Reads one event of a stream in full: its JSON by the table of its type, its other lines as text. */

import { GatewayError } from "../../../src/envelope/error.ts";
import { JsonError } from "../../../src/envelope/json/index.ts";
import { type Lane, lane } from "../../../src/envelope/text.ts";
import { dataLane, laneOfPath } from "../document.ts";
import { type Frame, type FramedMessage, quietFrame, type Slot, type SlotForm } from "../frame.ts";
import { cutDocument, FrameBuilder } from "../frame-builder.ts";
import { type FoundField, type FoundText, fieldsOf, type Located, locate } from "../locate.ts";
import { field, type PlaceTable, placeTable } from "../place.ts";
import type { EventLine } from "../sse.ts";
import { type EventData, eventParts, isKnownLine, lineText } from "./event-data.ts";
import type { EventFacts, EventTable, StreamGrammar } from "./grammar.ts";

/** Fields of one event: of chat some four for each of at most 128 choices (OpenAI's own limit of `n`) and its tool calls. */
const mostFields = 4_096;

const invalid = (note: string, cause?: unknown): GatewayError => new GatewayError("upstream_invalid", undefined, { note, cause });

/** Runs a step that reads JSON. Throws `upstream_invalid` where it is none. */
const readingJson = <T>(step: () => T): T => {
  try {
    return step();
  } catch (thrown) {
    throw thrown instanceof JsonError ? invalid("an event's data is not valid JSON", thrown) : thrown;
  }
};

/** The fields that a table names of an event's data; none where it has no JSON. For grammars that look at an event before it is read. */
export const peekFields = (event: string, table: PlaceTable, lastWord: string | undefined): readonly FoundField[] => {
  const { data } = eventParts(event);
  return data === undefined || data.text === lastWord ? [] : readingJson(() => fieldsOf(data.text, table));
};

/** The type's value where it is the first member and plainly written, as nearly always; strictness about the rest is the reader's. */
const leadingType = /^\s*\{\s*"([A-Za-z_]{1,32})"\s*:\s*"([A-Za-z0-9_.-]{0,128})"/;

/** What the member that names an event's type says, wherever in the event it stands. */
const typeOf = (document: string, member: string): string | undefined => {
  const leading = leadingType.exec(document);
  if (leading?.[1] === member) return leading[2];
  const [found] = readingJson(() => fieldsOf(document, placeTable({ [member]: field(member) })));
  return typeof found?.value === "string" ? found.value : undefined;
};

/** Lanes that an event closes, each once. */
class Closings {
  readonly #complete = new Map<Lane, boolean>();

  /** A lane that is cut anywhere is cut. */
  add(name: Lane, complete: boolean): void {
    this.#complete.set(name, complete && this.#complete.get(name) !== false);
  }

  get all(): Frame["closings"] {
    return this.#complete.size === 0
      ? quietFrame.closings
      : Array.from(this.#complete, ([closed, complete]) => ({ lane: closed, complete }));
  }
}

/** An event on its way to being a message. */
interface Draft {
  readonly event: string;
  readonly builder: FrameBuilder;
  readonly closings: Closings;
}

const noiseLane = lane("noise");

export interface ReaderOptions {
  readonly grammar: StreamGrammar;
  /** Whether what repeats text as numbers is removed. */
  readonly masked: boolean;
  /** Whether a string may pass unread. */
  readonly passes: (text: string) => boolean;
}

/** Reads the events of one stream. It numbers them, so that lanes which close with their event have names of their own. Throws `upstream_invalid`. */
export class EventReader {
  readonly #grammar: StreamGrammar;
  readonly #masked: boolean;
  readonly #passes: (text: string) => boolean;
  readonly #said = new Set<Lane>();
  #ordinal = 0;

  constructor({ grammar, masked, passes }: ReaderOptions) {
    this.#grammar = grammar;
    this.#masked = masked;
    this.#passes = passes;
  }

  /** Whether a lane is a running one that copies no other. */
  says(name: Lane): boolean {
    return this.#said.has(name);
  }

  read(event: string): FramedMessage {
    this.#ordinal += 1;
    const { before, data, after } = eventParts(event);
    const draft: Draft = { event, builder: new FrameBuilder(event), closings: new Closings() };
    for (const line of before) this.#line(draft, line);
    if (data === undefined) return this.#finish(draft, false);
    if (data.text === this.#grammar.lastWord) {
      for (const line of after) this.#line(draft, line);
      return this.#finish(draft, true);
    }
    return this.#document(draft, data, { before: before.length, after });
  }

  /** An event without JSON: its other lines may still bear text. */
  #finish({ event, builder, closings }: Draft, ends: boolean): FramedMessage {
    const { literals, slots, texts, raws } = builder.finish();
    return { frame: { ...quietFrame, literals, slots, closings: closings.all, ends }, texts, raws, whole: event };
  }

  #document(draft: Draft, data: EventData, around: { readonly before: number; readonly after: readonly EventLine[] }): FramedMessage {
    const { event, builder, closings } = draft;
    const { typeMember } = this.#grammar;
    const type = typeMember === undefined ? undefined : typeOf(data.text, typeMember);
    const table = this.#grammar.tableOf(type);
    const located = this.#locate(data.text, table);
    const facts: EventFacts = { type, document: data.text, fields: located.fields, texts: located.texts };
    const changed = cutDocument(builder, located, {
      slotOf: (found, form) => this.#slot(found, form, { facts, closings }),
      dropEchoes: this.#masked,
      offset: data.offset,
    });
    for (const line of around.after) this.#line(draft, line);
    for (const { lane: closed, complete } of this.#grammar.closings(facts)) closings.add(closed, complete);
    const { literals, slots, texts, raws } = builder.finish();
    const frame: Frame = {
      literals,
      slots,
      closings: closings.all,
      visibility: located.visibility,
      usage: this.#grammar.usageOf(facts),
      onlyText: located.idle && around.before === 0 && around.after.length === 0 && closings.all.length === 0,
      ends: table.ends,
    };
    return { frame, texts, raws, whole: changed ? undefined : event };
  }

  #locate(text: string, { places, numbers }: EventTable): Located {
    const located = readingJson(() => locate(text, { table: places, numbers, passes: this.#passes }));
    if (located.fields.length > mostFields) throw invalid("an event of too many parts");
    return located;
  }

  /** A text's slot; lanes that do not run on are added to what the event closes. */
  #slot(found: FoundText, form: SlotForm, { facts, closings }: { readonly facts: EventFacts; readonly closings: Closings }): Slot {
    const { place, path } = found;
    if (place?.kind === "noise") return { lane: noiseLane, author: "data", syntax: "plain", path, form, shown: false };
    const running = place?.scope === "stream" ? this.#grammar.laneOf(found, facts) : undefined;
    const author = place?.author ?? "data";
    const syntax = place?.syntax ?? "plain";
    if (running !== undefined && this.#grammar.isCopy?.(running) !== true) this.#said.add(running);
    if (running !== undefined) return { lane: running, author, syntax, path, form, shown: true };
    const name = place === undefined ? dataLane(found) : (this.#grammar.laneIn?.(found, facts) ?? laneOfPath(path, place.depth));
    const closed = lane(`${name}@${this.#ordinal}`);
    closings.add(closed, !this.#grammar.isCut(found, facts));
    return { lane: closed, author, syntax, path, form, shown: true };
  }

  #line({ event, builder, closings }: Draft, line: EventLine): void {
    if (this.#grammar.strictLines && !isKnownLine(line)) throw invalid("a line that no event has");
    const range = lineText(event, line, this.#passes);
    if (range === undefined) return;
    const closed = lane(`line.${line.start}@${this.#ordinal}`);
    closings.add(closed, true);
    builder.slot(range[0], range[1], { lane: closed, author: "data", syntax: "plain", path: [], form: "line", shown: true });
  }
}
