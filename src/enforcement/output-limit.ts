/** Limits of an answer's tokens, counted while it is said: by our own count, for models that ignore what they were asked. */

import { GatewayError } from "../envelope/error.ts";
import type { TextCodec, TokenUsage } from "../envelope/message.ts";
import type { Lane, TextSpan } from "../envelope/text.ts";
import type { Ledger } from "./ledger.ts";
import type { Ports, TokenCounter } from "./ports.ts";
import type { Inspected, Permitted } from "./stages.ts";

/** The most tokens that a call's answer may have; undefined: no policy says. What is no inference generates nothing. */
export const outputLimitOf = <Q>({ obligations, facts }: Permitted<Q>): number | undefined =>
  facts.operation.class === "inference" ? obligations.outputTokens : undefined;

/** The end of a lane's text that what follows may still join into fewer tokens, UTF-16 code units: counted again with each piece, so kept short. */
const longestPending = 32;
/** So much is counted at once, UTF-16 code units: what finding the place of a cut costs is bounded by it. */
const longestStep = 1024;

/** The end of a lane's text that may not have come to the end of a word. */
interface Pending {
  readonly text: string;
  readonly tokens: number;
}

const nothingPending: Pending = { text: "", tokens: 0 };

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** Counts one answer. States: below the limit → reached; from then on no text may go on. */
export class OutputMeter {
  readonly #limit: number;
  readonly #counter: TokenCounter;
  readonly #prompt: () => number;
  readonly #met: () => void;
  readonly #pending = new Map<Lane, Pending>();
  /** Tokens of everything that went on. */
  #used = 0;
  #reached = false;

  constructor({ limit, counter, prompt, met }: OutputBound) {
    this.#limit = limit;
    this.#counter = counter;
    this.#prompt = prompt;
    this.#met = met;
  }

  /** Whether a text had to be cut: nothing more of the answer may go on. */
  get reached(): boolean {
    return this.#reached;
  }

  /** What the call has used; the prompt's tokens by our count. */
  get usage(): TokenUsage {
    return { input: this.#prompt(), output: this.#used };
  }

  /** What stops a call whose protocol has no word for an answer that ended at its limit. */
  get stop(): GatewayError {
    return new GatewayError("response_blocked", "The answer has more tokens than policy allows.", {
      note: `${this.#limit} output tokens allowed`,
    });
  }

  /** The part of a text that may go on: all of it, until the limit is reached. Never parts a surrogate pair. */
  take(lane: Lane, text: string): string {
    let taken = "";
    for (let at = 0; at < text.length && !this.#reached; at += longestStep) taken += this.#takeStep(lane, text.slice(at, at + longestStep));
    if (taken.length === text.length) return text;
    return isHighSurrogate(taken.charCodeAt(taken.length - 1)) ? taken.slice(0, -1) : taken;
  }

  /** A span with the part of its text that may go on; the very same where that is all of it. */
  bound<M>(span: TextSpan, codec: TextCodec<M>): TextSpan {
    const counts = codec.isOutput?.(span) !== false;
    const text = counts ? this.take(span.lane, span.text) : this.#reached ? "" : span.text;
    return text === span.text ? span : { ...span, text };
  }

  #takeStep(lane: Lane, text: string): string {
    const before = this.#pending.get(lane) ?? nothingPending;
    const joined = before.text + text;
    const others = this.#used - before.tokens;
    const tokens = this.#counter.count([joined]);
    if (others + tokens <= this.#limit) {
      this.#used = others + tokens;
      this.#pending.set(lane, this.#pendingOf(joined, tokens));
      return text;
    }
    this.#reached = true;
    this.#met();
    const kept = this.#fitting(joined, before.text.length, this.#limit - others);
    this.#used = others + this.#counter.count([joined.slice(0, kept)]);
    return joined.slice(before.text.length, kept);
  }

  /** Words begin with the space before them: what stands before the last one is counted for good. */
  #pendingOf(text: string, tokens: number): Pending {
    if (text.length <= longestPending) return { text, tokens };
    const space = text.lastIndexOf(" ");
    const rest = space > 0 && text.length - space <= longestPending ? text.slice(space) : "";
    return rest === "" ? nothingPending : { text: rest, tokens: this.#counter.count([rest]) };
  }

  /** The length of the longest beginning of a text, at least `from`, that has no more tokens than `room`. */
  #fitting(text: string, from: number, room: number): number {
    let fits = from;
    let exceeds = text.length;
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >>> 1;
      if (this.#counter.count([text.slice(0, middle)]) <= room) fits = middle;
      else exceeds = middle;
    }
    return fits;
  }
}

/** What an answer is held to. */
export interface OutputBound {
  /** Tokens. */
  readonly limit: number;
  readonly counter: TokenCounter;
  /** Tokens of the prompt. */
  readonly prompt: () => number;
  /** Told once, when the limit is reached. */
  readonly met: () => void;
}

/** What the call's answer is held to; undefined where no policy limits it, which costs nothing. */
export const outputBound = <Q>({ tokens: counter }: Ports, inspected: Inspected<Q>, ledger: Ledger): OutputBound | undefined => {
  const limit = outputLimitOf(inspected.permitted);
  if (limit === undefined) return undefined;
  const met = (): void => ledger.noted(`The answer was cut at the ${limit} output tokens that policy allows.`);
  return { limit, counter, prompt: inspected.promptTokens, met };
};
