/** The lanes of a streamed chat answer: which text of which choice, by the message's own indices. */

import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import type { FoundField, FoundText } from "../shared/locate.ts";
import { isComplete } from "./finish.ts";

/** Where a lane's text stands in a chunk. */
export interface LanePlace {
  /** The choice's index. */
  readonly choice: number;
  readonly field: "content" | "refusal" | "reasoning" | "reasoning_content" | "transcript" | "function_call" | "tool_call";
  /** The tool call's index; 0 elsewhere. */
  readonly tool: number;
}

const laneFields: Readonly<Record<string, LanePlace["field"]>> = {
  content: "content",
  refusal: "refusal",
  reasoning: "reasoning",
  reasoning_content: "reasoning_content",
  audio: "transcript",
  function_call: "function_call",
  tool_calls: "tool_call",
};

const laneName = ({ choice, field, tool }: LanePlace): string => {
  switch (field) {
    case "tool_call":
      return `choices.${choice}.tool_calls.${tool}.arguments`;
    case "function_call":
      return `choices.${choice}.function_call.arguments`;
    case "transcript":
      return `choices.${choice}.audio.transcript`;
    case "content":
    case "refusal":
    case "reasoning":
    case "reasoning_content":
      return `choices.${choice}.${field}`;
  }
};

/** The index that a chunk gives the element at these leading segments of a path; where it gives none, its position. */
const ownIndex = (fields: readonly FoundField[], name: string, prefix: readonly (string | number)[]): number => {
  const found = fields.find((field) => field.name === name && prefix.every((part, at) => field.path[at] === part));
  const position = prefix.at(-1);
  if (typeof found?.value === "number") return found.value;
  return typeof position === "number" ? position : 0;
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
    const part = path[3];
    const field = typeof part === "string" ? laneFields[part] : undefined;
    if (field === undefined) return undefined;
    const choice = ownIndex(fields, "index", path.slice(0, 2));
    if (this.#finished.has(choice)) return undefined;
    const tool = field === "tool_call" ? ownIndex(fields, "tool", path.slice(0, 5)) : 0;
    return this.#remember({ choice, field, tool });
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

  #remember(place: LanePlace): Lane {
    const name = lane(laneName(place));
    this.#places.set(name, place);
    const open = this.#open.get(place.choice);
    if (open === undefined) this.#open.set(place.choice, new Set([name]));
    else open.add(name);
    return name;
  }
}

const textOf = ({ field, tool }: LanePlace, quoted: string): string => {
  switch (field) {
    case "tool_call":
      return `"tool_calls":[{"index":${tool},"function":{"arguments":"${quoted}"}}]`;
    case "function_call":
      return `"function_call":{"arguments":"${quoted}"}`;
    case "transcript":
      return `"audio":{"transcript":"${quoted}"}`;
    case "content":
    case "refusal":
    case "reasoning":
    case "reasoning_content":
      return `"${field}":"${quoted}"`;
  }
};

/** The text around a lane's text in a chunk that bears nothing else: what stands before it, and what after. `envelope`: members that every chunk has. */
export const chunkAround = (envelope: string, place: LanePlace): readonly [string, string] => {
  const mark = "\n";
  const event = `data: {${envelope}"choices":[{"index":${place.choice},"delta":{${textOf(place, mark)}},"finish_reason":null}]}`;
  const [before = "", after = ""] = event.split(mark);
  return [before, `${after}\n\n`];
};
