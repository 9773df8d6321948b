/** Masks a stream of messages that it never opens: one loop for every protocol. */

import { GatewayError } from "../envelope/error.ts";
import type { Batches } from "../envelope/exchange.ts";
import type { StreamCodec } from "../envelope/message.ts";
import type { Closing, Lane, TextSpan } from "../envelope/text.ts";
import { failClosed, type LaneMaskers } from "./masked.ts";

/** Appends what a closing lane still held to the message's own last span of that lane; false when the message has none. */
const appendTo = (spans: readonly TextSpan[], texts: string[], lane: Lane, rest: string): boolean => {
  const index = spans.findLastIndex((span) => span.lane === lane);
  if (index < 0) return false;
  texts[index] += rest;
  return true;
};

export interface StreamRules {
  readonly lanes: LaneMaskers;
  /** A message that cannot be read stops the stream with `content_unreadable`. */
  readonly mustRead: boolean;
}

/** Masks the messages of one stream, one after the other. */
export class StreamMasker<M> {
  readonly #codec: StreamCodec<M>;
  readonly #lanes: LaneMaskers;
  readonly #mustRead: boolean;

  constructor(codec: StreamCodec<M>, rules: StreamRules) {
    this.#codec = codec;
    this.#lanes = rules.lanes;
    this.#mustRead = rules.mustRead;
  }

  /** Puts the messages that `message` now allows into `out`: texts held until now first, then the message itself, masked. */
  push(message: M, out: M[]): void {
    const codec = this.#codec;
    if (this.#mustRead && codec.visibility(message) === "none") throw new GatewayError("content_unreadable");
    if (this.#lanes.idle) {
      out.push(message);
      return;
    }
    if (codec.ends(message)) this.flush(message, out);
    const spans = codec.spans(message);
    const closings = codec.closes(message);
    if (spans.length === 0 && closings.length === 0) {
      out.push(message);
      return;
    }
    const texts = spans.map((span) => this.#lanes.push(span));
    for (const closing of closings) this.#close(closing, { message, spans, texts, out });
    const rewritten = codec.rewrite(message, texts);
    if (rewritten !== message && texts.every((text) => text === "") && codec.onlyText(message)) return;
    out.push(rewritten);
  }

  /** Ends every open lane: the stream ended, or broke, without closing them, so generation counts as cut. */
  flush(like: M, out: M[]): void {
    for (const lane of this.#lanes.open()) {
      const rest = this.#lanes.close({ lane, complete: false });
      if (rest !== "") out.push(this.#codec.carry(lane, rest, like));
    }
  }

  #close(closing: Closing, at: { message: M; spans: readonly TextSpan[]; texts: string[]; out: M[] }): void {
    const rest = this.#lanes.close(closing);
    if (rest === "" || appendTo(at.spans, at.texts, closing.lane, rest)) return;
    at.out.push(this.#codec.carry(closing.lane, rest, at.message));
  }
}

/**
 * The stream with every lane masked. Text that could still belong to a match is held, and comes with a later message of its lane, or in a message
 * of its own before the lane closes. When the upstream breaks, what was held is released (masked as cut) before the error goes on.
 */
export async function* maskStream<M>(batches: Batches<M>, codec: StreamCodec<M>, rules: StreamRules): AsyncGenerator<readonly M[]> {
  const masker = new StreamMasker(codec, rules);
  let last: M | undefined;
  let broken: { readonly thrown: unknown } | undefined;
  try {
    for await (const batch of batches) {
      const out: M[] = [];
      failClosed(() => {
        for (const message of batch) masker.push(message, out);
      });
      last = batch.at(-1);
      if (out.length > 0) yield out;
    }
  } catch (thrown) {
    broken = { thrown };
  }
  const rest: M[] = [];
  if (last !== undefined) masker.flush(last, rest);
  if (rest.length > 0) yield rest;
  if (broken !== undefined) throw broken.thrown;
}
