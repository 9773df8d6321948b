/** Messages of a stream whose fields join: one text over many messages, found by a table; everything else in them closes with its message. */

import { JsonError } from "../../src/envelope/json/index.ts";
import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import { type FoundField, type FoundText, type Located, locate } from "../shared/locate.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { EchoTable } from "./echoes.ts";
import { commonKeys, commonPlaces, doneField, indexField } from "./joins.ts";
import { type Part, type TextPart, write } from "./message.ts";

/** What of a stream's messages joins, and how their text is written. */
export interface JoinRules {
  readonly table: PlaceTable;
  /** What stands for a line feed of the JSON in the stream. */
  readonly lineFeed: string;
  /** What repeats text as numbers and is taken away; undefined: nothing is. */
  readonly echoes: EchoTable | undefined;
}

/** A message's JSON in parts, and the lanes that end with it. */
export interface JoinedMessage {
  readonly parts: readonly Part[];
  readonly closings: readonly Closing[];
}

type Path = readonly (string | number)[];

/** Texts of one stream that run at once; a chat has one or two for each choice. More than these close with their message. */
const mostLanes = 1_024;

const choices = "choices";

/** JSON that has nothing but a gap at this path: what stands before the gap, and behind it. A choice is told by its index, as its readers tell it. */
const around = ([step, ...rest]: Path): readonly [before: string, after: string] => {
  if (step === undefined) return ['"', '"'];
  const [before, after] = around(rest);
  if (typeof step === "number") return [`[${"{},".repeat(step)}${before}`, `${after}]`];
  const [index] = rest;
  if (step !== choices || typeof index !== "number") return [`{${JSON.stringify(step)}:${before}`, `${after}}`];
  const [beforeChoice, afterChoice] = around(rest.slice(1));
  return [`{"${choices}":[{"index":${index},${beforeChoice.slice(1)}`, `${afterChoice}]}`];
};

/** OpenAI's own limit of choices. */
const mostChoices = 128;

/** Tells where the texts of a message run: a choice's place is its index, for messages that bear one choice each. */
const runningPaths = (fields: readonly FoundField[]): ((path: Path) => Path) => {
  const indices = new Map<unknown, number>();
  for (const { name, path, value } of fields) {
    if (name === indexField && Number.isInteger(value)) indices.set(path[1], Number(value));
  }
  return (path) => {
    const index = path[0] === choices ? indices.get(path[1]) : undefined;
    return index !== undefined && index >= 0 && index < mostChoices ? [choices, index, ...path.slice(2)] : path;
  };
};

const generationMark = "~";

/**
 * The texts of one stream that run over its messages. A lane is called after its path; texts that begin after all before them had ended have names of their own.
 * Held text may be asked for long after its lane was closed here, for messages are read in batches: so paths are kept for good.
 */
export class JoinedLanes {
  readonly #paths = new Map<string, Path>();
  readonly #open = new Set<Lane>();
  #generation = 0;
  #ordinal = 0;

  /** Numbers the messages, so that lanes which close with theirs have names of their own. */
  nextMessage(): number {
    this.#ordinal += 1;
    return this.#ordinal;
  }

  /** The lane of a running text; undefined where too many run. */
  laneOf(path: Path): Lane | undefined {
    const key = path.join(".");
    if (!this.#paths.has(key)) {
      if (this.#paths.size >= mostLanes) return undefined;
      this.#paths.set(key, path);
    }
    const name = lane(`${key}${generationMark}${this.#generation}`);
    this.#open.add(name);
    return name;
  }

  /** Ends every running text. */
  closeAll(complete: boolean): Closing[] {
    const closings = Array.from(this.#open, (name) => ({ lane: name, complete }));
    if (closings.length > 0) this.#generation += 1;
    this.#open.clear();
    return closings;
  }

  /** JSON that bears nothing but held text of a running lane; undefined for a lane that is none. */
  carry(name: Lane, text: string): readonly Part[] | undefined {
    const path = this.#paths.get(name.slice(0, name.lastIndexOf(generationMark)));
    if (path === undefined) return undefined;
    const [before, after] = around(path);
    const part: TextPart = { lane: name, author: "assistant", syntax: "plain", path, writing: "string", text, raw: write("string", text) };
    return [before, part, after];
  }
}

const completeWords: ReadonlySet<unknown> = new Set([true, "stop", "eos", "eos_token", "end_turn", "tool_calls", "tool_use"]);

/** Whether these fields say that generation has ended, and if so whether it came to its own end: texts that are there as a whole say so too. */
const endOf = (fields: readonly FoundField[]): { readonly complete: boolean } | undefined => {
  const said = fields.filter(({ name, kind, value }) => name === doneField && kind !== "null" && value !== false && value !== "");
  if (said.length === 0) return undefined;
  return { complete: said.every(({ value, path }) => completeWords.has(value) || path[0] === "generated_text") };
};

const isStream = ({ place }: FoundText): boolean => place?.kind === "text" && place.scope === "stream";

/** UTF-16 code units, and texts, of a message that is taken apart; a larger one is no piece of anything, and is masked as one JSON text. */
export const longestJoined = 1024 * 1024;
const mostTexts = 2_000;

const locatedIn = (json: string, table: PlaceTable): Located | undefined => {
  if (json.length > longestJoined) return undefined;
  if (table === commonPlaces && !commonKeys.test(json)) return undefined;
  try {
    const located = locate(json, { table, numbers: true, passes: () => false });
    if (located.texts.length > mostTexts) return undefined;
    return located.texts.some(isStream) || located.fields.some(({ name }) => name === doneField) ? located : undefined;
  } catch (thrown) {
    if (thrown instanceof JsonError) return undefined;
    throw thrown;
  }
};

/** Cuts one message's JSON at its texts. */
class Cut {
  readonly parts: Part[] = [];
  readonly closings: Closing[] = [];
  readonly #json: string;
  readonly #lineFeed: string;
  #at = 0;

  constructor(json: string, lineFeed: string) {
    this.#json = json;
    this.#lineFeed = lineFeed;
  }

  add({ kind, start, end, text, path }: FoundText, name: Lane): void {
    const writing = kind === "value" ? "bare" : kind;
    const quotes = writing === "string" || writing === "key" ? 1 : 0;
    this.#literal(start + quotes);
    const raw = this.#json.slice(start + quotes, end - quotes);
    this.parts.push({ lane: name, author: "assistant", syntax: "plain", path, writing, text, raw });
    this.#at = end - quotes;
  }

  finish(): void {
    this.#literal(this.#json.length);
  }

  #literal(end: number): void {
    const text = this.#json.slice(this.#at, end);
    if (text !== "") this.parts.push(this.#lineFeed === "\n" ? text : text.replaceAll("\n", this.#lineFeed));
  }
}

/** Reads a message's JSON; undefined where nothing of it joins anything. */
export const readJoined = (
  json: string,
  { table, lineFeed }: Pick<JoinRules, "table" | "lineFeed">,
  lanes: JoinedLanes,
): JoinedMessage | undefined => {
  const located = locatedIn(json, table);
  if (located === undefined) return undefined;
  const ordinal = lanes.nextMessage();
  const cut = new Cut(json, lineFeed);
  const runningPath = runningPaths(located.fields);
  for (const found of located.texts) {
    const running = isStream(found) ? lanes.laneOf(runningPath(found.path)) : undefined;
    const own = running ?? lane(`${found.path.join(".")}${found.kind === "key" ? "#key" : ""}@${ordinal}`);
    if (running === undefined) cut.closings.push({ lane: own, complete: true });
    cut.add(found, own);
  }
  cut.finish();
  const end = endOf(located.fields);
  return { parts: cut.parts, closings: end === undefined ? cut.closings : [...cut.closings, ...lanes.closeAll(end.complete)] };
};
