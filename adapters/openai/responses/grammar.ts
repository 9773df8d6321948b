/** The grammar of Responses streams: which event tells which text, and how it is known that a text ended. */

import type { TokenUsage } from "../../../src/envelope/message.ts";
import type { Closing, Lane } from "../../../src/envelope/text.ts";
import { type Bearing, type Carrier, type EventFacts, peekFields, type StreamGrammar } from "../../shared/events/index.ts";
import type { FramedMessage } from "../../shared/frame.ts";
import type { FoundField, FoundText } from "../../shared/locate.ts";
import { field, placeTable } from "../../shared/place.ts";
import { usageOf } from "../usage.ts";
import { isApiWord } from "../vocabulary.ts";
import { carrierOf } from "./carrier.ts";
import { type ResponseEvent, responseEvents, type TextKind, unknownEvent } from "./events.ts";
import { type Fate, fateOfStatus, fateOfText, kindAt, noStatuses, statusesOf } from "./fates.ts";
import { ResponseLanes, type Telling, type TextName } from "./lanes.ts";
import { followed, PartRuns } from "./part-runs.ts";
import { ToldResponse } from "./told.ts";

/** What is looked at before an event is read. */
const peekedPlaces = placeTable({
  type: field("type"),
  output_index: field("output_index"),
  "item.status": field("status"),
  "part.type": field("part"),
  "response.status": field("response_status"),
  "response.output.*.status": field("status"),
  "response.output.*.id": field("item_id"),
});

const valueIn = (fields: readonly FoundField[], name: string): FoundField["value"] => fields.find((found) => found.name === name)?.value;

const itemOf = (fields: readonly FoundField[]): number | undefined => {
  const index = valueIn(fields, "output_index");
  return typeof index === "number" ? index : undefined;
};

const eventOf = (type: unknown): ResponseEvent =>
  typeof type === "string" && Object.hasOwn(responseEvents, type) ? (responseEvents[type] ?? unknownEvent) : unknownEvent;

/** Which text an event is about: a part's type tells words from refusals. */
const kindOf = ({ kind }: ResponseEvent, fields: readonly FoundField[]): TextKind | undefined =>
  kind === "content" && valueIn(fields, "part") === "refusal" ? "refusal" : kind;

const keyOf = ({ item, kind }: TextName): string => `${item ?? ""}.${kind}`;

/** Reads one stream's grammar. What is known of each text: nothing → that it may have ended → that it runs on, or how it ended. */
export class ResponsesGrammar implements StreamGrammar {
  readonly typeMember = "type";
  readonly lastWord = "[DONE]";
  readonly unended = "the stream ended without its last event";
  readonly strictLines = true;
  readonly #lanes = new ResponseLanes();
  readonly #told = new ToldResponse();
  /** How texts ended, as far as it is known. */
  readonly #fates = new Map<string, Fate>();
  readonly #items = new Map<number, Fate>();
  /** Texts of which the events that wait say that they may have ended. */
  #asked: TextName[] = [];
  /** Items that have ended without telling how. */
  #askedItems: number[] = [];
  #statuses = noStatuses;
  /** The parts of the event at hand. */
  #runs = new PartRuns();
  #isFollowed: ReturnType<typeof followed> | undefined;

  get epoch(): number {
    return this.#lanes.closed;
  }

  isWord(text: string): boolean {
    return isApiWord(text) || Object.hasOwn(responseEvents, text);
  }

  tableOf(type: string | undefined): ResponseEvent {
    this.#runs = new PartRuns();
    this.#isFollowed = undefined;
    return eventOf(type);
  }

  usageOf({ fields }: EventFacts): TokenUsage | undefined {
    return usageOf(fields);
  }

  bearing(text: string): Bearing {
    const fields = peekFields(text, peekedPlaces, this.lastWord);
    if (fields.length === 0) return "none";
    const event = eventOf(valueIn(fields, "type"));
    const kind = kindOf(event, fields);
    const item = itemOf(fields);
    switch (event.role) {
      case "tells":
        return "none";
      case "says":
      case "begins":
        return this.#goesOn(item, kind);
      case "repeats":
      case "repeats-part":
        return this.#asks(item, kind);
      case "ends-item":
        return this.#itemEnds(item, fateOfStatus(valueIn(fields, "status")));
      case "ends-response":
        this.#statuses = statusesOf(fields, 1);
        this.#decideAsked((name) => (name.item === undefined ? (this.#statuses.response ?? "cut") : this.#ended(name.item, name.kind)));
        return "answers";
    }
  }

  laneOf(found: FoundText, facts: EventFacts): Lane | undefined {
    const event = eventOf(facts.type);
    const kind = found.path[0] === "item" ? kindAt(found.path.slice(1)) : kindOf(event, facts.fields);
    if (kind === undefined) return undefined;
    return this.#lanes.laneOf({ item: itemOf(facts.fields), kind }, tellingOf(event.role), facts);
  }

  laneIn(found: FoundText): Lane | undefined {
    return this.#runs.laneOf(found);
  }

  isCut({ path }: FoundText, facts: EventFacts): boolean {
    this.#isFollowed ??= followed(facts.fields);
    if (this.#isFollowed(path)) return false;
    if (path[0] === "item") return this.#isCutItem(itemOf(facts.fields), kindAt(path.slice(1)), facts);
    const [, list, index] = path;
    if (path[0] !== "response" || list !== "output" || typeof index !== "number") return false;
    return this.#isCutItem(index, kindAt(path.slice(3)), facts);
  }

  closings(facts: EventFacts): readonly Closing[] {
    const event = eventOf(facts.type);
    const kind = kindOf(event, facts.fields);
    const item = itemOf(facts.fields);
    switch (event.role) {
      case "tells":
      case "says":
      case "begins":
        return [];
      case "repeats":
        return kind === undefined ? [] : this.#closeText({ item, kind }, ["said", "repeated"]);
      case "repeats-part":
        return kind === undefined ? [] : this.#closeText({ item, kind }, ["said", "parts"]);
      case "ends-item":
        return this.#lanes.openTexts(item).flatMap((name) => this.#lanes.close(name, this.#fateOf(name) ?? "cut"));
      case "ends-response":
        return this.#lanes.openTexts().flatMap((name) => this.#lanes.close(name, this.#fateOf(name) ?? this.#statuses.response ?? "cut"));
    }
  }

  carrier(lane: Lane, like: FramedMessage, passes: (text: string) => boolean): Carrier | undefined {
    const saying = this.#lanes.sayingOf(lane);
    if (saying !== undefined) return carrierOf(saying, like, passes);
    if (!this.#lanes.isCopy(lane)) return undefined;
    return { before: "", after: "", author: "assistant", syntax: "plain", unsaid: true };
  }

  told(message: FramedMessage): void {
    this.#told.note(message);
  }

  endAtLimit(_like: FramedMessage, usage: TokenUsage): readonly string[] {
    return this.#told.end(usage);
  }

  isCopy(lane: Lane): boolean {
    return this.#lanes.isCopy(lane);
  }

  /** More of a text comes, or another one begins: texts that may have ended have not, or have ended by themselves. */
  #goesOn(item: number | undefined, kind: TextKind | undefined): Bearing {
    const same = kind === undefined ? undefined : keyOf({ item, kind });
    if (same !== undefined) this.#fates.delete(same);
    this.#decideAsked((name) => (keyOf(name) === same ? undefined : "complete"));
    return "answers";
  }

  #asks(item: number | undefined, kind: TextKind | undefined): Bearing {
    if (kind === undefined) return "none";
    // A text of the stream itself has no item that tells how it ended.
    if (item === undefined) {
      this.#fates.set(keyOf({ item, kind }), "cut");
      return "none";
    }
    this.#asked.push({ item, kind });
    return "asks";
  }

  #itemEnds(item: number | undefined, fate: Fate | undefined): Bearing {
    if (item === undefined) return "answers";
    if (fate === undefined && !this.#items.has(item)) {
      this.#askedItems.push(item);
      return "asks";
    }
    if (fate !== undefined) this.#items.set(item, fate);
    this.#decideAsked((name) => (name.item === item ? (this.#items.get(item) ?? "cut") : "complete"));
    return "answers";
  }

  /** Decides about everything asked. `undefined` from `fate`: the text runs on. */
  #decideAsked(fate: (name: TextName) => Fate | undefined): void {
    for (const name of this.#asked) {
      const decided = fate(name);
      if (decided !== undefined) this.#fates.set(keyOf(name), decided);
    }
    for (const item of this.#askedItems) this.#items.set(item, fate({ item, kind: "content" }) ?? "complete");
    this.#asked = [];
    this.#askedItems = [];
  }

  /** How an item ended of which only the terminal response tells. */
  #ended(item: number, kind: TextKind): Fate {
    const known = this.#items.get(item);
    if (known !== undefined) return known;
    return this.#statuses.last < 0 ? (this.#statuses.response ?? "cut") : fateOfText(this.#statuses, item, kind);
  }

  #fateOf(name: TextName): Fate | undefined {
    return this.#fates.get(keyOf(name)) ?? (name.item === undefined ? undefined : this.#items.get(name.item));
  }

  /** Nothing is closed while it is known that the text runs on. */
  #closeText(name: TextName, tellings: readonly Telling[]): Closing[] {
    const fate = this.#fates.get(keyOf(name));
    return fate === undefined ? [] : this.#lanes.close(name, fate, tellings);
  }

  #isCutItem(item: number | undefined, kind: TextKind | undefined, { type, fields }: EventFacts): boolean {
    if (kind === undefined || item === undefined) return false;
    const told = this.#fateOf({ item, kind });
    if (told !== undefined) return told === "cut";
    if (eventOf(type).role === "ends-item") return true;
    const statuses = statusesOf(fields, 1);
    return fateOfText({ ...statuses, response: statuses.response ?? "cut" }, item, kind) === "cut";
  }
}

const tellingOf = (role: ResponseEvent["role"]): Telling => {
  switch (role) {
    case "repeats":
      return "repeated";
    case "repeats-part":
      return "parts";
    case "says":
    case "begins":
    case "tells":
    case "ends-item":
    case "ends-response":
      return "said";
  }
};
