/** Masks a stream of messages that it never opens: one loop for every protocol. */

import { GatewayError } from "../envelope/error.ts";
import type { Batches } from "../envelope/exchange.ts";
import type { StreamCodec } from "../envelope/message.ts";
import type { Closing, Lane, TextSpan } from "../envelope/text.ts";
import { failClosed, type LaneMaskers } from "./masked.ts";
import type { OutputMeter } from "./output-limit.ts";

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
  /** Counts what is said and cuts it where there is enough; absent: it may be of any length. */
  readonly output?: OutputMeter | undefined;
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
  readonly #output: OutputMeter | undefined;
  #over = false;

  constructor(codec: StreamCodec<M>, rules: StreamRules) {
    this.#codec = codec;
    this.#output = rules.output;
    this.#lanes = rules.lanes;
    this.#mustRead = rules.mustRead;
  }

  /** Whether the stream has been ended before its upstream's end: nothing more may follow. */
  get over(): boolean {
    return this.#over;
  }

  /** Puts the messages that `message` now allows into `out`: texts held until now first, then the message itself, masked. */
  push(message: M, out: M[]): void {
    const codec = this.#codec;
    if (this.#mustRead && codec.visibility(message) === "none") throw new GatewayError("content_unreadable");
    const output = this.#output;
    if (this.#lanes.idle && output === undefined) {
      out.push(message);
      return;
    }
    this.#lanes.begin();
    if (codec.ends(message)) this.flush(message, out);
    const spans = codec.spans(message);
    const closings = codec.closes(message);
    if (spans.length === 0 && closings.length === 0) {
      this.#put(message, out);
      return;
    }
    const texts = spans.map((span) => this.#lanes.push(output === undefined ? span : output.bound(span, codec)));
    if (output?.reached === true) {
      this.#endAtLimit({ message, spans, texts, out }, closings, output);
      return;
    }
    if (this.#lanes.stop === undefined) for (const closing of closings) this.#close(closing, { message, spans, texts, out });
    if (this.#lanes.stop !== undefined) throw this.#breakOff({ message, spans, texts, out }, closings, this.#lanes.stop);
    const rewritten = codec.rewrite(message, texts);
    if (rewritten !== message && texts.every((text) => text === "") && codec.onlyText(message)) return;
    this.#put(rewritten, out);
  }

  #put(message: M, out: M[]): void {
    out.push(message);
    if (this.#output !== undefined) this.#codec.told?.(message);
  }

  /** Ends every open lane: the stream ended, or broke, without closing them, so generation counts as cut. Throws `response_blocked` where a rest meets a rule. */
  flush(like: M, out: M[]): void {
    const before = this.#lanes.stop;
    for (const lane of this.#lanes.open()) {
      const rest = this.#lanes.close({ lane, complete: false });
      if (rest !== "") this.#put(this.#codec.carry(lane, rest, like), out);
    }
    if (this.#lanes.stop !== before) throw this.#lanes.stop;
  }

  /**
   * A text of the message has met a rule that ends it: what may still be let out goes in messages of its own, for the message itself may say that all went well.
   * Returns what stops the call.
   */
  #breakOff(at: Rewriting<M>, closings: readonly Closing[], stop: GatewayError): GatewayError {
    this.#carryTexts(at, closings);
    return stop;
  }

  /** There is enough: what was said goes on, and then the end, as the API tells one for that reason. Throws `response_blocked` where it has no word for it. */
  #endAtLimit(at: Rewriting<M>, closings: readonly Closing[], output: OutputMeter): void {
    this.#carryTexts(at, closings);
    this.flush(at.message, at.out);
    if (this.#lanes.stop !== undefined) throw this.#lanes.stop;
    const end = this.#codec.endAtLimit?.(at.message, output.usage);
    if (end === undefined) throw output.stop;
    at.out.push(...end);
    this.#over = true;
  }

  /** The texts of a message in messages of their own. What begins and ends with it is not shown in part. */
  #carryTexts({ message, spans, texts, out }: Rewriting<M>, closings: readonly Closing[]): void {
    const whole = new Set(closings.map(({ lane }) => lane).filter((lane) => this.#lanes.isNew(lane)));
    spans.forEach(({ lane }, index) => {
      const text = texts[index] ?? "";
      if (text !== "" && !whole.has(lane)) this.#put(this.#codec.carry(lane, text, message), out);
    });
  }

  #close(closing: Closing, at: Rewriting<M>): void {
    const rest = this.#lanes.close(closing);
    if (rest === "" || appendTo(at.spans, at.texts, closing.lane, rest)) return;
    this.#put(this.#codec.carry(closing.lane, rest, at.message), at.out);
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
        for (const message of batch) if (!masker.over) masker.push(message, out);
      });
      if (out.length > 0) yield out;
      if (masker.over) return;
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
