/** Streamed bodies of one text: plain, or JSON of any length. */

import type { StreamCodec } from "../../src/envelope/message.ts";
import type { Lane, Syntax } from "../../src/envelope/text.ts";
import type { TextReader } from "./body-stream.ts";
import { streamCodec } from "./codec.ts";
import { syntaxOf } from "./media.ts";
import { emptyMessage, literal, type RestMessage } from "./message.ts";
import { bodyLane, textBody } from "./parts.ts";
import { splitMark } from "./utf8.ts";

const piece = (text: string, syntax: Syntax): RestMessage => ({ ...textBody(text, "assistant", syntax), onlyText: true });

/** One lane over the body. */
export class TextStream implements TextReader {
  readonly codec: StreamCodec<RestMessage>;
  /** undefined until the first character that is no white space tells. */
  #syntax: Syntax | undefined;
  #begun = false;

  constructor(syntax: Syntax | undefined) {
    this.#syntax = syntax;
    const writing = syntax === "json" ? "json" : "loose";
    this.codec = streamCodec((_lane: Lane, text: string) => piece(text, this.#syntax ?? "plain"), writing);
  }

  read(bytes: Buffer, out: RestMessage[]): void {
    const decoded = bytes.toString("utf8");
    const [mark, text] = this.#begun ? ["", decoded] : splitMark(decoded);
    this.#begun = true;
    if (mark !== "") out.push(literal(mark));
    if (text !== "") this.#text(text, out);
  }

  close(complete: boolean, out: RestMessage[]): void {
    out.push({ ...emptyMessage, closings: [{ lane: bodyLane, complete }] });
  }

  #text(text: string, out: RestMessage[]): void {
    let from = 0;
    if (this.#syntax === undefined) {
      from = text.search(/[^ \t\r\n]/);
      const white = from < 0 ? text : text.slice(0, from);
      if (white !== "") out.push(literal(white));
      if (from < 0) return;
      this.#syntax = syntaxOf(text);
    }
    out.push(piece(from === 0 ? text : text.slice(from), this.#syntax));
  }
}
