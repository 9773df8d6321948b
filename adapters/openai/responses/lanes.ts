/** The running lanes of a Responses stream: an item's texts in deltas, and their copies. */

import { type Closing, type Lane, lane } from "../../../src/envelope/text.ts";
import type { EventFacts } from "../../shared/events/index.ts";
import type { FoundField } from "../../shared/locate.ts";
import type { TextKind } from "./events.ts";
import type { Fate } from "./fates.ts";

/** Which tellings of one text a lane is: the deltas, the copies in `.done` events, or those in parts. */
export type Telling = "said" | "repeated" | "parts";

const suffixes: Readonly<Record<Telling, string>> = { said: "", repeated: "#done", parts: "#part" };

/** One text of a stream. */
export interface TextName {
  /** The item's position in the response; undefined for texts of the stream itself. */
  readonly item: number | undefined;
  readonly kind: TextKind;
}

/** What a lane of deltas was last said by, so that an event of ours can say the rest. */
export interface Saying extends TextName {
  readonly type: string;
  readonly fields: readonly FoundField[];
}

const keyOf = ({ item, kind }: TextName): string => (item === undefined ? kind : `output.${item}.${kind}`);

/** The events that say texts whose own deltas have not come. */
const usualDelta: Readonly<Record<TextKind, string>> = {
  content: "response.output_text.delta",
  refusal: "response.refusal.delta",
  summary: "response.reasoning_summary_text.delta",
  arguments: "response.function_call_arguments.delta",
  input: "response.custom_tool_call_input.delta",
  code: "response.code_interpreter_call_code.delta",
  transcript: "response.audio.transcript.delta",
};

/** The same of parts that are not of their item's usual kind. */
const deltaOfPart: ReadonlyMap<string, string> = new Map([["reasoning_text", "response.reasoning_text.delta"]]);

interface OpenText {
  readonly name: TextName;
  readonly lanes: Map<Telling, Lane>;
}

/** Remembers which texts are open. States of a text: open → ended; what still comes of it is a text of its own, on lanes of other names. */
export class ResponseLanes {
  readonly #open = new Map<string, OpenText>();
  /** How often each telling of a text has ended. */
  readonly #endings = new Map<string, number>();
  readonly #sayings = new Map<Lane, Saying>();
  /** Lanes that copy what deltas said. */
  readonly #copies = new Set<Lane>();
  #closed = 0;

  /** How many texts have ended. */
  get closed(): number {
    return this.#closed;
  }

  /** The lane of a text as it is told here, open from now on. */
  laneOf(name: TextName, telling: Telling, facts: EventFacts): Lane {
    const key = keyOf(name);
    const open = this.#open.get(key) ?? { name, lanes: new Map<Telling, Lane>() };
    this.#open.set(key, open);
    const found = open.lanes.get(telling) ?? this.#make(key, telling);
    open.lanes.set(telling, found);
    if (telling === "said") this.#sayings.set(found, { ...name, type: this.#deltaType(name, facts), fields: facts.fields });
    return found;
  }

  /** Ends a text: the closings of the tellings that are open, or of one of them. */
  close(name: TextName, fate: Fate, only?: readonly Telling[]): Closing[] {
    const key = keyOf(name);
    const open = this.#open.get(key);
    if (open === undefined) return [];
    const closings: Closing[] = [];
    for (const [telling, closed] of open.lanes) {
      if (only !== undefined && !only.includes(telling)) continue;
      open.lanes.delete(telling);
      this.#endings.set(key + suffixes[telling], (this.#endings.get(key + suffixes[telling]) ?? 0) + 1);
      closings.push({ lane: closed, complete: fate === "complete" });
    }
    if (closings.length > 0) this.#closed += 1;
    if (open.lanes.size === 0) this.#open.delete(key);
    return closings;
  }

  /** The texts that are open: of one item, or all. */
  openTexts(item?: number): readonly TextName[] {
    return [...this.#open.values()].map(({ name }) => name).filter((name) => item === undefined || name.item === item);
  }

  /** What a lane of deltas was last said by; undefined for lanes that are none of the stream's or copy another. */
  sayingOf(name: Lane): Saying | undefined {
    return this.#sayings.get(name);
  }

  isCopy(name: Lane): boolean {
    return this.#copies.has(name);
  }

  #make(key: string, telling: Telling): Lane {
    const ended = this.#endings.get(key + suffixes[telling]) ?? 0;
    const made = lane(`${key}${ended === 0 ? "" : `~${ended + 1}`}${suffixes[telling]}`);
    if (telling !== "said") this.#copies.add(made);
    return made;
  }

  #deltaType({ kind }: TextName, { type, fields }: EventFacts): string {
    if (type?.endsWith(".delta") === true) return type;
    const part = fields.findLast(({ name }) => name === "part")?.value;
    return (kind === "content" && typeof part === "string" ? deltaOfPart.get(part) : undefined) ?? usualDelta[kind];
  }
}
