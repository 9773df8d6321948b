/** The tools that the model of a REST upstream calls: names where chats of the OpenAI kind and Ollama's have them, wherever in an answer's JSON those stand. */

import { GatewayError } from "../../src/envelope/error.ts";
import { compilePaths, type JsonSink, JsonStream } from "../../src/envelope/json/index.ts";
import type { CalledTool } from "../../src/envelope/message.ts";
import { eventLines } from "../shared/sse.ts";
import { bodyOf, type RestMessage } from "./message.ts";
import { splitMark } from "./utf8.ts";

/** How an answer's JSON is written: an event has one, a line has one, or the body is one; `loose`: the body may be, or is something else. */
export type CallWriting = "events" | "lines" | "json" | "loose";

type Told = "name" | "index";

/** Keys are read without regard to case, as clients written in Go do. */
const places = compilePaths<Told>(
  {
    "**.tool_calls.*.function.name": "name",
    "**.tool_calls.*.custom.name": "name",
    "**.function_call.name": "name",
    "**.tool_calls.*.index": "index",
    "choices.*.index": "index",
  },
  { caseless: true },
);

/** Containers open at once; what lies deeper is no answer of a chat. */
const deepest = 64;

const isDelta = (step: string | number): boolean => typeof step === "string" && step.toLowerCase() === "delta";

/** A name as it was found. */
interface Found {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

/** Reads one JSON text, or several, in pieces. */
class NameReader implements JsonSink {
  /** Where in what was pushed last the text stopped being JSON; undefined: it is some so far. */
  brokenAt: number | undefined;
  readonly #stream = new JsonStream<Told>(this, { table: places, depth: deepest, many: true });
  readonly #indices = new Map<string, string>();
  #found: Found[] = [];
  #chunk = "";
  #base = 0;
  #name: string | undefined;
  #scalar = 0;

  /** The names that end in this piece. */
  push(chunk: string): readonly CalledTool[] {
    this.#found = [];
    this.#chunk = chunk;
    this.#stream.push(chunk);
    this.#base += chunk.length;
    return this.#found.map(({ path, name }) => ({ name, pieceOf: path.some(isDelta) ? this.#callAt(path) : undefined }));
  }

  openString(_start: number, key: boolean): void {
    this.#name = !key && this.#stream.tag === "name" ? "" : undefined;
  }

  characters(_start: number, text: string): void {
    if (this.#name !== undefined) this.#name += text;
  }

  escape(_start: number, _end: number, unit: number): void {
    if (this.#name !== undefined) this.#name += String.fromCharCode(unit);
  }

  closeString(): void {
    if (this.#name !== undefined) this.#found.push({ path: this.#stream.path(), name: this.#name });
    this.#name = undefined;
  }

  openScalar(start: number): void {
    this.#scalar = start;
  }

  closeScalar(end: number): void {
    if (this.#stream.tag !== "index" || this.#scalar < this.#base) return;
    this.#indices.set(this.#stream.path().slice(0, -1).join("."), this.#chunk.slice(this.#scalar - this.#base, end - this.#base));
  }

  enter(): boolean {
    return false;
  }

  leave(): void {}

  broken(at: number): void {
    this.brokenAt = at - this.#base;
  }

  /** The call that a name at this path is of: elements that say their index are told by it, others by their position. */
  #callAt(path: Found["path"]): string {
    return path
      .map((step, at) => (typeof step === "number" ? (this.#indices.get(path.slice(0, at + 1).join(".")) ?? step) : step))
      .join(".");
  }
}

/** Reads JSON that comes in pieces. What is none is skipped up to the next line. */
class LooseJson {
  #reader: NameReader | undefined = new NameReader();

  push(text: string): CalledTool[] {
    const calls: CalledTool[] = [];
    for (let at = 0; at < text.length; ) {
      if (this.#reader === undefined) {
        const feed = text.indexOf("\n", at);
        if (feed < 0) break;
        at = feed + 1;
        this.#reader = new NameReader();
      }
      calls.push(...this.#reader.push(text.slice(at)));
      const { brokenAt } = this.#reader;
      if (brokenAt === undefined) break;
      at += brokenAt;
      this.#reader = undefined;
    }
    return calls;
  }
}

/** Reads the messages of one answer, in order. */
class CallReader {
  readonly #writing: CallWriting;
  #json = new LooseJson();
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
        return data.length === 0 ? [] : new LooseJson().push(data.join("\n"));
      }
    }
  }

  /** Each line begins anew, however the one before it ended. */
  #lines(body: string): readonly CalledTool[] {
    const [rest = "", ...lines] = body.split("\n");
    const calls = this.#json.push(rest);
    for (const line of lines) {
      this.#json = new LooseJson();
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
