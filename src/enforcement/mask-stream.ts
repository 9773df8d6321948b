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

/** A message on its way, with what becomes of its texts. */
interface Rewriting<M> {
  readonly message: M;
  readonly spans: readonly TextSpan[];
  readonly texts: string[];
  readonly out: M[];
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
    this.#lanes.begin();
    if (codec.ends(message)) this.flush(message, out);
    const spans = codec.spans(message);
    const closings = codec.closes(message);
    if (spans.length === 0 && closings.length === 0) {
      out.push(message);
      return;
    }
    const texts = spans.map((span) => this.#lanes.push(span));
    if (this.#lanes.stop === undefined) for (const closing of closings) this.#close(closing, { message, spans, texts, out });
    if (this.#lanes.stop !== undefined) throw this.#breakOff({ message, spans, texts, out }, closings, this.#lanes.stop);
    const rewritten = codec.rewrite(message, texts);
    if (rewritten !== message && texts.every((text) => text === "") && codec.onlyText(message)) return;
    out.push(rewritten);
  }

  /** Ends every open lane: the stream ended, or broke, without closing them, so generation counts as cut. Throws `response_blocked` where a rest meets a rule. */
  flush(like: M, out: M[]): void {
    const before = this.#lanes.stop;
    for (const lane of this.#lanes.open()) {
      const rest = this.#lanes.close({ lane, complete: false });
      if (rest !== "") out.push(this.#codec.carry(lane, rest, like));
    }
    if (this.#lanes.stop !== before) throw this.#lanes.stop;
  }

  /**
   * A text of the message has met a rule that ends it: what may still be let out goes in messages of its own, for the message itself may say that all went well.
   * What begins and ends with it is not shown in part. Returns what stops the call.
   */
  #breakOff({ message, spans, texts, out }: Rewriting<M>, closings: readonly Closing[], stop: GatewayError): GatewayError {
    const whole = new Set(closings.map(({ lane }) => lane).filter((lane) => this.#lanes.isNew(lane)));
    spans.forEach(({ lane }, index) => {
      const text = texts[index] ?? "";
      if (text !== "" && !whole.has(lane)) out.push(this.#codec.carry(lane, text, message));
    });
    return stop;
  }

  #close(closing: Closing, at: Rewriting<M>): void {
    const rest = this.#lanes.close(closing);
    if (rest === "" || appendTo(at.spans, at.texts, closing.lane, rest)) return;
    at.out.push(this.#codec.carry(closing.lane, rest, at.message));
  }
}

/**
 * The stream with every lane masked. Text that could still belong to a match is held, and comes with a later message of its lane, or in a message
 * of its own before the lane closes. When the upstream breaks, what was held is released (masked as cut) before the error goes on; and so it is where a rule
 * ends a text, with `response_blocked`.
 */
export async function* maskStream<M>(batches: Batches<M>, codec: StreamCodec<M>, rules: StreamRules): AsyncGenerator<readonly M[]> {
  const masker = new StreamMasker(codec, rules);
  let last: M | undefined;
  let broken: { readonly thrown: unknown } | undefined;
  try {
    for await (const batch of batches) {
      const out: M[] = [];
      last = batch.at(-1);
      broken = attempt(() => {
        for (const message of batch) masker.push(message, out);
      });
      if (out.length > 0) yield out;
      if (broken !== undefined) break;
    }
  } catch (thrown) {
    broken = { thrown };
  }
  const rest: M[] = [];
  broken = attempt(() => last !== undefined && masker.flush(last, rest)) ?? broken;
  if (rest.length > 0) yield rest;
  if (broken !== undefined) throw broken.thrown;
}

/** What a step of the masker threw, so that what it let out before goes on first. */
const attempt = (step: () => unknown): { readonly thrown: unknown } | undefined => {
  try {
    failClosed(step);
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
};
