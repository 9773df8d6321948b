/** Streamed bodies of JSON texts, one on a line (NDJSON, JSON Lines). */

import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import type { TextReader } from "./body-stream.ts";
import { streamCodec } from "./codec.ts";
import { dropEchoes } from "./echoes.ts";
import { type JoinedLanes, type JoinRules, longestJoined, readJoined } from "./joined.ts";
import { emptyMessage, literal, type Part, type RestMessage, type TextPart } from "./message.ts";
import { splitMark } from "./utf8.ts";

/** Each line is a text that closes with it; a line need not be whole to go on. Fields that join run over the lines. */
export class LineStream implements TextReader {
  readonly codec = streamCodec((name: Lane, text: string) => this.#carry(name, text), "lines");
  readonly #rules: JoinRules;
  readonly #joined: JoinedLanes;
  #begun = false;
  #ordinal = 0;
  /** What ends a line that the stream has not ended: what is carried after it is none of it. */
  #ending = "";
  /** The part of a line that has come, kept because it may join; undefined once the line is too long for that and goes on as it comes. */
  #kept: string | undefined = "";

  constructor(rules: JoinRules, joined: JoinedLanes) {
    this.#rules = rules;
    this.#joined = joined;
  }

  read(bytes: Buffer, out: RestMessage[]): void {
    const decoded = bytes.toString("utf8");
    const [mark, text] = this.#begun ? ["", decoded] : splitMark(decoded);
    this.#begun = true;
    if (mark !== "") out.push(literal(mark));
    this.#text(text, out);
  }

  close(complete: boolean, out: RestMessage[]): void {
    if (this.#kept !== "") this.#ending = "\n";
    this.#line("", out);
    const closings = this.#joined.closeAll(complete);
    if (closings.length > 0) out.push({ ...emptyMessage, closings });
  }

  #text(text: string, out: RestMessage[]): void {
    let at = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
      this.#line(text.slice(at, end + 1), out);
      at = end + 1;
    }
    if (at < text.length) this.#piece(text.slice(at), out);
  }

  /** What ends a line. */
  #line(text: string, out: RestMessage[]): void {
    const came = this.#kept === undefined ? undefined : this.#kept + text;
    this.#kept = "";
    if (came === "") return;
    const { echoes } = this.#rules;
    const whole = came === undefined || echoes === undefined ? came : dropEchoes(came, echoes);
    const joined = whole === undefined ? undefined : readJoined(whole, this.#rules, this.#joined);
    if (joined === undefined) out.push(this.#plain(whole ?? text, true));
    else out.push({ ...emptyMessage, body: joined.parts, whole, closings: joined.closings });
    this.#ordinal += 1;
  }

  /** A line's beginning, or more of it. */
  #piece(text: string, out: RestMessage[]): void {
    if (this.#kept === undefined) out.push(this.#plain(text, false));
    else if (this.#kept.length + text.length <= longestJoined) this.#kept += text;
    else {
      out.push(this.#plain(this.#kept + text, false));
      this.#kept = undefined;
    }
  }

  #plain(text: string, closes: boolean): RestMessage {
    const name = lane(`line.${this.#ordinal}`);
    const end = text.endsWith("\n") ? text.length - 1 : text.length;
    const raw = text.slice(0, end);
    const part: TextPart = { lane: name, author: "assistant", syntax: "json", path: [], writing: "bare", text: raw, raw };
    const body: Part[] = raw === "" ? [] : [part];
    if (end < text.length) body.push("\n");
    const closings: Closing[] = closes ? [{ lane: name, complete: true }] : [];
    return { ...emptyMessage, body, whole: text, closings, onlyText: !closes };
  }

  #carry(name: Lane, text: string): RestMessage {
    const joined = this.#joined.carry(name, text);
    if (joined !== undefined) return { ...emptyMessage, body: [this.#ending, ...joined, "\n"], onlyText: true };
    const part: TextPart = { lane: name, author: "assistant", syntax: "json", path: [], writing: "bare", text, raw: text };
    return { ...emptyMessage, body: [part], onlyText: true };
  }
}
