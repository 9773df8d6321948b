/** Streamed bodies of one text: plain, or JSON of any length. */

import type { Lane, Syntax } from "../../src/envelope/text.ts";
import { type BodyStream, ByteStream } from "./body-stream.ts";
import { streamCodec } from "./codec.ts";
import { syntaxOf } from "./media.ts";
import { emptyMessage, literal, type RestMessage } from "./message.ts";
import { bodyLane, textBody } from "./parts.ts";
import { Utf8Decoder } from "./utf8.ts";

const piece = (text: string, syntax: Syntax): RestMessage => ({ ...textBody(text, "assistant", syntax), onlyText: true });

/** One lane over the body. From bytes on that are no UTF-8 nothing is read. */
export class TextStream implements BodyStream {
  readonly codec = streamCodec((_lane: Lane, text: string) => piece(text, this.#syntax ?? "plain"));
  readonly #decoder = new Utf8Decoder();
  /** undefined until the first character that is no white space tells. */
  #syntax: Syntax | undefined;
  #bytes: ByteStream | undefined;

  constructor(syntax: Syntax | undefined) {
    this.#syntax = syntax;
  }

  push(chunk: Buffer, out: RestMessage[]): void {
    if (this.#bytes !== undefined) {
      this.#bytes.push(chunk, out);
      return;
    }
    const { mark, text, bytes } = this.#decoder.push(chunk);
    if (mark !== "") out.push(literal(mark));
    if (text !== "") this.#text(text, out);
    if (bytes !== undefined) this.#giveUp(bytes, out);
  }

  end(out: RestMessage[]): void {
    const rest = this.#decoder.end();
    if (rest.length > 0) this.#giveUp(rest, out);
    else if (this.#bytes === undefined) this.#close(true, out);
    this.#bytes?.end(out);
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

  #close(complete: boolean, out: RestMessage[]): void {
    out.push({ ...emptyMessage, closings: [{ lane: bodyLane, complete }] });
  }

  #giveUp(bytes: Buffer, out: RestMessage[]): void {
    this.#close(false, out);
    this.#bytes = new ByteStream();
    this.#bytes.push(bytes, out);
  }
}
