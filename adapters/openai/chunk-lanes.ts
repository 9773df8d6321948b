/** The lanes of a streamed chat answer: which text of which choice, by the message's own indices. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import type { FoundField, FoundText } from "../shared/locate.ts";
import { nameLane } from "../shared/tools.ts";
import { isComplete } from "./finish.ts";

/** The texts of a choice. `custom` is the input of a custom tool, `detail` and `digest` are the text and the summary of a piece of reasoning; `text` is the legacy API's. */
type ChunkField =
  | "content"
  | "refusal"
  | "reasoning"
  | "reasoning_content"
  | "transcript"
  | "function_call"
  | "tool_call"
  | "custom"
  | "detail"
  | "digest"
  | "text";

/** Where a lane's text stands in a chunk. */
export interface LanePlace {
  /** The choice's index. */
  readonly choice: number;
  readonly field: ChunkField;
  /** The index of the tool call or the piece of reasoning; 0 elsewhere. */
  readonly part: number;
}

type Path = readonly (string | number)[];

/** Which text a path leads to: `choices.N.delta.FIELD…`, or `choices.N.text`. */
const fieldAt = ([, , , field, , inner]: Path, last: string | number | undefined): ChunkField | undefined => {
  switch (field) {
    case "content":
    case "refusal":
    case "reasoning":
    case "reasoning_content":
    case "function_call":
      return field;
    case "audio":
      return "transcript";
    case "tool_calls":
      return inner === "custom" ? "custom" : "tool_call";
    case "reasoning_details":
      return last === "summary" ? "digest" : "detail";
    default:
      return field === undefined && last === "text" ? "text" : undefined;
  }
};

const hasParts = (field: ChunkField): boolean => field === "tool_call" || field === "custom" || field === "detail" || field === "digest";

const innerName = ({ field, part }: LanePlace): string => {
  switch (field) {
    case "tool_call":
      return `tool_calls.${part}.arguments`;
    case "custom":
      return `tool_calls.${part}.input`;
    case "detail":
      return `reasoning_details.${part}.text`;
    case "digest":
      return `reasoning_details.${part}.summary`;
    case "function_call":
      return "function_call.arguments";
    case "transcript":
      return "audio.transcript";
    case "content":
    case "refusal":
    case "reasoning":
    case "reasoning_content":
    case "text":
      return field;
  }
};

const laneName = (place: LanePlace): string => `choices.${place.choice}.${innerName(place)}`;

/** The index that a chunk gives the element at these leading segments of a path; where it gives none, its position. */
const ownIndex = (fields: readonly FoundField[], name: string, prefix: Path): number => {
  const found = fields.find((field) => field.name === name && prefix.every((part, at) => field.path[at] === part));
  const position = prefix.at(-1);
  if (typeof found?.value === "number") return found.value;
  return typeof position === "number" ? position : 0;
};

/** The lane of a called tool's name, by the indices of its choice and its call, for some clients join what stands in several chunks; undefined for other texts. */
export const calledLane = ({ path }: FoundText, fields: readonly FoundField[]): Lane | undefined => {
  const field = fieldAt(path, path.at(-1));
  if (path.at(-1) !== "name" || (field !== "tool_call" && field !== "custom" && field !== "function_call")) return undefined;
  const choice = ownIndex(fields, "index", path.slice(0, 2));
  const part = field === "function_call" ? "function_call" : `tool_calls.${ownIndex(fields, "part", path.slice(0, 5))}`;
  return nameLane(`choices.${choice}.${part}`);
};

/** Remembers which lanes of each choice are open. States of a choice: open → finished; text that still comes is not that lane's any more. */
export class ChunkLanes {
  readonly #places = new Map<Lane, LanePlace>();
  readonly #open = new Map<number, Set<Lane>>();
  readonly #finished = new Set<number>();
  /** Whether the caller named stop sequences: then `stop` does not tell whether one of them cut the answer. */
  readonly #stopSequences: boolean;

  constructor(stopSequences: boolean) {
    this.#stopSequences = stopSequences;
  }

  /** How many choices have finished. */
  get finished(): number {
    return this.#finished.size;
  }

  /** The lane of a running text; undefined when its choice has finished or its place is not a choice's. */
  laneOf(found: FoundText, fields: readonly FoundField[]): Lane | undefined {
    const { path } = found;
    const field = fieldAt(path, path.at(-1));
    if (field === undefined) return undefined;
    const choice = ownIndex(fields, "index", path.slice(0, 2));
    if (this.#finished.has(choice)) return undefined;
    return this.#remember({ choice, field, part: hasParts(field) ? ownIndex(fields, "part", path.slice(0, 5)) : 0 });
  }

  /** What this chunk closes: every lane of the choices that it says are finished. */
  finish(fields: readonly FoundField[]): Closing[] {
    const closings: Closing[] = [];
    for (const { name, path, kind, value } of fields) {
      if (name !== "finish_reason" || kind === "null") continue;
      const choice = ownIndex(fields, "index", path.slice(0, 2));
      const complete = isComplete(value, this.#stopSequences);
      for (const open of this.#open.get(choice) ?? []) closings.push({ lane: open, complete });
      this.#open.delete(choice);
      this.#finished.add(choice);
    }
    return closings;
  }

  /** Where a lane's text goes; undefined for a lane that is not one of the stream's. */
  placeOf(name: Lane): LanePlace | undefined {
    return this.#places.get(name);
  }

  /** A place in each choice that has begun and not finished. */
  unfinished(): readonly LanePlace[] {
    return [...this.#open.values()].flatMap(([name]) => (name === undefined ? [] : (this.#places.get(name) ?? [])));
  }

  #remember(place: LanePlace): Lane {
    const name = lane(laneName(place));
    this.#places.set(name, place);
    const open = this.#open.get(place.choice);
    if (open === undefined) this.#open.set(place.choice, new Set([name]));
    else open.add(name);
    return name;
  }
}

/** A choice that bears nothing but a text. */
const choiceOf = ({ field, part }: LanePlace, quoted: string): string => {
  switch (field) {
    case "tool_call":
      return `"delta":{"tool_calls":[{"index":${part},"function":{"arguments":"${quoted}"}}]}`;
    case "custom":
      return `"delta":{"tool_calls":[{"index":${part},"custom":{"input":"${quoted}"}}]}`;
    case "detail":
      return `"delta":{"reasoning_details":[{"index":${part},"type":"reasoning.text","text":"${quoted}"}]}`;
    case "digest":
      return `"delta":{"reasoning_details":[{"index":${part},"type":"reasoning.summary","summary":"${quoted}"}]}`;
    case "function_call":
      return `"delta":{"function_call":{"arguments":"${quoted}"}}`;
    case "transcript":
      return `"delta":{"audio":{"transcript":"${quoted}"}}`;
    case "content":
    case "refusal":
    case "reasoning":
    case "reasoning_content":
      return `"delta":{"${field}":"${quoted}"}`;
    case "text":
      return `"text":"${quoted}","logprobs":null`;
  }
};

/** The chunk that ends a choice at the most tokens it may have. `place`: any of the choice's. `envelope` as in {@link chunkAround}. */
export const lastChunk = (envelope: string, { choice, field }: LanePlace): string => {
  const nothing = field === "text" ? '"text":"","logprobs":null' : '"delta":{}';
  return `data: {${envelope}"choices":[{"index":${choice},${nothing},"finish_reason":"length"}]}\n\n`;
};

/** The chunk that tells what a call has used. */
export const usageChunk = (envelope: string, { input, output }: TokenUsage): string =>
  `data: {${envelope}"choices":[],"usage":{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}}}\n\n`;

/** The text around a lane's text in a chunk that bears nothing else: what stands before it, and what after. `envelope`: members that every chunk has. */
export const chunkAround = (envelope: string, place: LanePlace): readonly [string, string] => {
  const mark = "\n";
  const event = `data: {${envelope}"choices":[{"index":${place.choice},${choiceOf(place, mark)},"finish_reason":null}]}`;
  const [before = "", after = ""] = event.split(mark);
  return [before, `${after}\n\n`];
};
