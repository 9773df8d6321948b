/** The tools that the model of a REST upstream calls: names where chats of the OpenAI kind and Ollama's, the Responses API and Anthropic's blocks have them, wherever in an answer's JSON those stand. */

import { GatewayError } from "../../src/envelope/error.ts";
import { compilePaths } from "../../src/envelope/json/index.ts";
import type { CalledTool } from "../../src/envelope/message.ts";
import { eventLines } from "../shared/sse.ts";
import { type FoundValue, LooseJson } from "./loose-json.ts";
import { bodyOf, type RestMessage } from "./message.ts";
import { splitMark } from "./utf8.ts";

/** How an answer's JSON is written: an event has one, a line has one, or the body is one; `loose`: the body may be, or is something else. */
export type CallWriting = "events" | "lines" | "json" | "loose";

type Told = "name" | "index" | "item";

/** Keys are read without regard to case, as clients written in Go do. */
const places = compilePaths<Told>(
  {
    "**.tool_calls.*.function.name": "name",
    "**.tool_calls.*.custom.name": "name",
    "**.function_call.name": "name",
    "**.tool_calls.*.index": "index",
    "choices.*.index": "index",
    ...Object.fromEntries(
      ["content.*", "content_block", "output.*", "item"].flatMap((at) => [
        [`**.${at}.type`, "item"],
        [`**.${at}.name`, "item"],
      ]),
    ),
  },
  { caseless: true },
);

/** The types of items and blocks that are calls. */
const callType = /(?:tool_use|_call)$/;

/** Items, and elements that say their index, remembered at once. */
const mostItems = 1_024;

const isDelta = (step: string | number): boolean => typeof step === "string" && step.toLowerCase() === "delta";

/** Reads one JSON text, or several, in pieces. */
class NameReader {
  readonly #json = new LooseJson(places);
  /** What elements say of their index, by their path. */
  readonly #indices = new Map<string, string>();
  /** What is known of items, by their path. */
  readonly #items = new Map<string, { readonly name?: string; readonly type?: string }>();

  /** The calls whose names end in this piece. */
  push(text: string): CalledTool[] {
    const found = this.#json.push(text);
    for (const { tag, path, text: index } of found) if (tag === "index") this.#noteIndex(path.slice(0, -1).join("."), index);
    return found.flatMap((value) => (value.kind === "string" ? this.#callsIn(value) : []));
  }

  #noteIndex(at: string, index: string): void {
    if (this.#indices.size >= mostItems) this.#indices.clear();
    this.#indices.set(at, index);
  }

  #callsIn({ tag, path, text, whole }: FoundValue<Told>): CalledTool[] {
    if (!whole) throw new GatewayError("response_blocked", undefined, { note: "the name of a tool that the model calls is too long" });
    switch (tag) {
      case "index":
        return [];
      case "name":
        return [{ name: text, pieceOf: path.some(isDelta) ? this.#callAt(path) : undefined }];
      case "item":
        return this.#callOfItem(path, text);
    }
  }

  /** The call that an item is, once its name and its type have come, whichever is first; told again where one of them is. */
  #callOfItem(path: FoundValue<Told>["path"], text: string): CalledTool[] {
    const at = path.slice(0, -1).join(".");
    const named = String(path.at(-1)).toLowerCase() === "name";
    const item = { ...this.#items.get(at), ...(named ? { name: text } : { type: text }) };
    if (this.#items.size >= mostItems) this.#items.clear();
    this.#items.set(at, item);
    const { name, type } = item;
    return name !== undefined && type !== undefined && callType.test(type) ? [{ name, pieceOf: undefined }] : [];
  }

  /** The call that a name at this path is of: elements that say their index are told by it, others by their position. */
  #callAt(path: readonly (string | number)[]): string {
    return path
      .map((step, at) => (typeof step === "number" ? (this.#indices.get(path.slice(0, at + 1).join(".")) ?? step) : step))
      .join(".");
  }
}

/** Reads the messages of one answer, in order. */
class CallReader {
  readonly #writing: CallWriting;
  #json = new NameReader();
  #begun = false;

  constructor(writing: CallWriting) {
    this.#writing = writing;
  }

  read(message: RestMessage): readonly CalledTool[] {
    const body = bodyOf(message);
    if (typeof body === "string") return this.#text(this.#unmarked(body));
    if (this.#writing === "loose") return [];
    throw new GatewayError("content_unreadable", undefined, { note: "the answer is no text, and rules about tools are about it" });
  }

  /** Without the byte order mark that the answer may begin with. */
  #unmarked(body: string): string {
    if (this.#begun || body === "") return body;
    this.#begun = true;
    return splitMark(body)[1];
  }

  #text(body: string): readonly CalledTool[] {
    switch (this.#writing) {
      case "json":
      case "loose":
        return this.#json.push(body);
      case "lines":
        return this.#lines(body);
      case "events": {
        const data = eventLines(body).flatMap(({ field, valueStart, end }) => (field === "data" ? [body.slice(valueStart, end)] : []));
        return data.length === 0 ? [] : new NameReader().push(data.join("\n"));
      }
    }
  }

  /** Each line begins anew, however the one before it ended. */
  #lines(body: string): readonly CalledTool[] {
    const [rest = "", ...lines] = body.split("\n");
    const calls = this.#json.push(rest);
    for (const line of lines) {
      this.#json = new NameReader();
      calls.push(...this.#json.push(line));
    }
    return calls;
  }
}

/** What tells the calls of one answer; costs nothing until it is asked. Throws `content_unreadable` for an answer that should be JSON and is no text. */
export const callsIn = (writing: CallWriting): ((message: RestMessage) => readonly CalledTool[]) => {
  let reader: CallReader | undefined;
  return (message) => {
    reader ??= new CallReader(writing);
    return reader.read(message);
  };
};
