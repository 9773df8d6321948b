/**
 * What a Responses stream has told its caller, as it went on, so that it can be ended in the middle: each text that is open is told as done, then its part, its
 * item, and the response. Every copy is what the deltas said.
 */

import type { TokenUsage } from "../../../src/envelope/message.ts";
import { eventParts } from "../../shared/events/index.ts";
import { type Frame, type FramedMessage, wireText } from "../../shared/frame.ts";

type Draft = Record<string, unknown>;
type List = "content" | "summary";

/** How the text of a delta is repeated once it is done. */
interface Spoken {
  /** The member of the event that tells it, and of its part or item. */
  readonly member: string;
  /** The list of the item in which its part stands; undefined: it is the item's own. */
  readonly list: List | undefined;
  /** The part's type. */
  readonly part: string | undefined;
}

const inContent = (member: string, part: string): Spoken => ({ member, list: "content", part });
const ofItem = (member: string): Spoken => ({ member, list: undefined, part: undefined });

/** By the name of its events, `response.NAME.delta` and `response.NAME.done`. */
const spokenTexts: ReadonlyMap<string, Spoken> = new Map([
  ["output_text", inContent("text", "output_text")],
  ["refusal", inContent("refusal", "refusal")],
  ["reasoning_text", inContent("text", "reasoning_text")],
  ["reasoning_summary_text", { member: "text", list: "summary", part: "summary_text" }],
  ["function_call_arguments", ofItem("arguments")],
  ["mcp_call_arguments", ofItem("arguments")],
  ["custom_tool_call_input", ofItem("input")],
  ["code_interpreter_call_code", ofItem("code")],
]);

/** The event that ends a part of a list. */
const partEvents: Readonly<Record<List, string>> = { content: "content_part", summary: "reasoning_summary_part" };

const isObject = (value: unknown): value is Draft => typeof value === "object" && value !== null && !Array.isArray(value);
const numberIn = (event: Draft, name: string): number => (typeof event[name] === "number" ? event[name] : 0);

/** A text that deltas say. States: open → done. */
interface ToldText {
  readonly name: string;
  readonly spoken: Spoken;
  readonly index: number;
  text: string;
  open: boolean;
}

/** A part of an item. States: open → done. */
interface ToldPart {
  value: Draft;
  open: boolean;
}

/** An item of the response. States: open → done. */
interface ToldItem {
  value: Draft;
  open: boolean;
  readonly texts: Map<string, ToldText>;
  readonly parts: Readonly<Record<List, Map<number, ToldPart>>>;
}

/** How deltas that share a frame are read without parsing them. */
interface KnownDelta {
  readonly told: ToldText;
  /** Where in the message's texts the piece stands, and the event's number; -1: it has none. */
  readonly pieceAt: number;
  readonly numberAt: number;
}

const newItem = (value: Draft): ToldItem => ({ value, open: true, texts: new Map(), parts: { content: new Map(), summary: new Map() } });

const spokenEvent = /^response\.([a-z_]+)\.(delta|done)$/;
const partEvent = /^response\.(content_part|reasoning_summary_part)\.(added|done)$/;

const dataOf = (message: FramedMessage): Draft | undefined => {
  const { data } = eventParts(wireText(message));
  if (data?.text.startsWith("{") !== true) return undefined;
  const value: unknown = JSON.parse(data.text);
  return isObject(value) ? value : undefined;
};

export class ToldResponse {
  #response: Draft = { object: "response" };
  #next = 0;
  readonly #items = new Map<number, ToldItem>();
  readonly #deltas = new WeakMap<Frame, KnownDelta>();

  /** A message as it goes on. Nearly every one is a delta that differs from an earlier one in its text alone. */
  note(message: FramedMessage): void {
    const known = this.#deltas.get(message.frame);
    if (known === undefined) this.#parse(message);
    else {
      known.told.text += message.texts[known.pieceAt] ?? "";
      this.#next = Math.max(this.#next, Number(message.raws[known.numberAt] ?? -1) + 1);
    }
  }

  #parse(message: FramedMessage): void {
    const event = dataOf(message);
    if (event === undefined || typeof event.type !== "string") return;
    this.#next = Math.max(this.#next, numberIn(event, "sequence_number") + 1);
    if (isObject(event.response)) this.#response = event.response;
    else if (isObject(event.item)) this.#noteItem(event.type, event, event.item);
    else if (isObject(event.part)) this.#notePart(event.type, event, event.part);
    else if (isObject(event.annotation)) this.#noteAnnotation(event);
    else this.#remember(message.frame, this.#noteText(event.type, event));
  }

  #remember(frame: Frame, told: ToldText | undefined): void {
    const pieceAt = frame.slots.findIndex(({ path }) => path.length === 1 && path[0] === "delta");
    const numberAt = frame.slots.findIndex(({ path }) => path.length === 1 && path[0] === "sequence_number");
    if (told?.open === true && pieceAt >= 0) this.#deltas.set(frame, { told, pieceAt, numberAt });
  }

  /** The events that end the response here, at the most tokens it may have. */
  end(usage: TokenUsage): readonly string[] {
    const indices = [...this.#items.keys()].sort((one, other) => one - other);
    const events = indices.flatMap((index) => this.#endItem(index, this.#item(index)));
    const response = {
      ...this.#response,
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: indices.map((index) => this.#item(index).value),
      usage: usageOf(usage),
    };
    return [...events, { type: "response.incomplete", response }].map(({ type, ...members }) => {
      const json = JSON.stringify({ type, sequence_number: this.#next++, ...members });
      return `event: ${type}\ndata: ${json}\n\n`;
    });
  }

  #item(index: number): ToldItem {
    const known = this.#items.get(index);
    if (known !== undefined) return known;
    const made = newItem({});
    this.#items.set(index, made);
    return made;
  }

  #noteItem(type: string, event: Draft, value: Draft): void {
    const item = this.#item(numberIn(event, "output_index"));
    item.value = value;
    item.open = type !== "response.output_item.done";
  }

  #notePart(type: string, event: Draft, value: Draft): void {
    const found = partEvent.exec(type);
    if (found === null) return;
    const list: List = found[1] === partEvents.content ? "content" : "summary";
    const parts = this.#item(numberIn(event, "output_index")).parts[list];
    parts.set(numberIn(event, `${list}_index`), { value, open: found[2] === "added" });
  }

  #noteAnnotation(event: Draft): void {
    const part = this.#item(numberIn(event, "output_index")).parts.content.get(numberIn(event, "content_index"));
    if (part === undefined) return;
    const known = Array.isArray(part.value.annotations) ? part.value.annotations : [];
    part.value = { ...part.value, annotations: [...known, event.annotation] };
  }

  /** Returns the text, where the event tells of one. */
  #noteText(type: string, event: Draft): ToldText | undefined {
    const [, name = "", step] = spokenEvent.exec(type) ?? [];
    const spoken = spokenTexts.get(name);
    if (spoken === undefined) return undefined;
    const item = this.#item(numberIn(event, "output_index"));
    const index = spoken.list === undefined ? 0 : numberIn(event, `${spoken.list}_index`);
    const key = `${name}.${index}`;
    const known = item.texts.get(key) ?? { name, spoken, index, text: "", open: true };
    item.texts.set(key, known);
    if (step === "done") known.open = false;
    else known.text += typeof event.delta === "string" ? event.delta : "";
    return known;
  }

  #endItem(output_index: number, item: ToldItem): (Draft & { readonly type: string })[] {
    if (!item.open) return [];
    item.open = false;
    const at = { item_id: item.value.id, output_index };
    const texts = [...item.texts.values()];
    const events = texts.flatMap((text) => [...endText(text, at), ...endPart(text, item, at)]);
    const own = texts.filter(({ spoken }) => spoken.list === undefined).map(({ spoken, text }) => [spoken.member, text]);
    item.value = {
      ...item.value,
      ...Object.fromEntries(own),
      ...listOf("summary", item),
      ...listOf("content", item),
      status: "incomplete",
    };
    return [...events, { type: "response.output_item.done", output_index, item: item.value }];
  }
}

const usageOf = ({ input, output }: TokenUsage): Draft => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
});

const placeOf = ({ spoken, index }: ToldText): Draft => (spoken.list === undefined ? {} : { [`${spoken.list}_index`]: index });

const endText = (told: ToldText, at: Draft): (Draft & { readonly type: string })[] => {
  if (!told.open) return [];
  told.open = false;
  const { name, spoken, text } = told;
  return [
    { type: `response.${name}.done`, ...at, ...placeOf(told), [spoken.member]: text, ...(name === "output_text" ? { logprobs: [] } : {}) },
  ];
};

const endPart = (told: ToldText, item: ToldItem, at: Draft): (Draft & { readonly type: string })[] => {
  const { list, member, part: type } = told.spoken;
  if (list === undefined) return [];
  const known = item.parts[list].get(told.index) ?? { value: { type }, open: true };
  if (!known.open) return [];
  const part = { value: { ...known.value, [member]: told.text }, open: false };
  item.parts[list].set(told.index, part);
  return [{ type: `response.${partEvents[list]}.done`, ...at, ...placeOf(told), part: part.value }];
};

/** The parts that were told of a list, in their order. */
const listOf = (list: List, { parts }: ToldItem): Draft => {
  const told = [...parts[list]].sort(([one], [other]) => one - other);
  return told.length === 0 ? {} : { [list]: told.map(([, { value }]) => value) };
};
