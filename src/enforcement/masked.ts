/** The one place where text becomes {@link MaskedText}: everything recorded or served has passed here. */

import type { Masker, Program } from "../../policy/masking/program.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Author, Closing, Lane, MaskedText, TextSpan } from "../envelope/text.ts";

/** Takes the masked pieces of lanes for the record; cheap and synchronous. */
export interface PieceSink {
  piece(lane: Lane, author: Author, text: MaskedText): void;
}

/** How two directions of one text are masked: for the reader, and for the record. */
export interface LaneRules {
  /** undefined: the reader gets the text as it came. */
  readonly reader: Program | undefined;
  /** undefined: nothing of the text is recorded. The same object as `reader` where one masker serves both. */
  readonly record: Program | undefined;
}

interface LaneState {
  readonly lane: Lane;
  readonly author: Author;
  readonly reader: Masker | undefined;
  /** Set only when the record is masked by other rules than the reader's text. */
  readonly record: Masker | undefined;
}

/** Runs a step of the masker; whatever it throws stops the call: unmasked text never passes on a failure. */
export const failClosed = <T>(step: () => T): T => {
  try {
    return step();
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    throw new GatewayError("masking_failed", undefined, { cause: thrown });
  }
};

/** The maskers of every lane of one answer or request. Lanes open with their first span and end with `close`. */
export class LaneMaskers {
  readonly #rules: LaneRules;
  readonly #sink: PieceSink;
  readonly #states = new Map<Lane, LaneState>();
  readonly #shared: boolean;
  #latest: LaneState | undefined;

  constructor(rules: LaneRules, sink: PieceSink) {
    this.#rules = rules;
    this.#sink = sink;
    this.#shared = rules.reader !== undefined && rules.reader === rules.record;
  }

  /** The part of a span's text that its reader may now have. */
  push(span: TextSpan): string {
    const state = this.#latest?.lane === span.lane ? this.#latest : this.#open(span);
    const released = state.reader === undefined ? span.text : state.reader.push(span.text);
    if (this.#shared) this.#note(state, released);
    else if (state.record !== undefined) this.#note(state, state.record.push(span.text));
    return released;
  }

  /** Ends a lane; returns the text of it that was still held for its reader. A lane never opened has none. */
  close(closing: Closing): string {
    const state = this.#states.get(closing.lane);
    if (state === undefined) return "";
    this.#states.delete(closing.lane);
    if (this.#latest === state) this.#latest = undefined;
    const rest = state.reader === undefined ? "" : state.reader.finish(closing);
    if (this.#shared) this.#note(state, rest);
    else if (state.record !== undefined) this.#note(state, state.record.finish(closing));
    return rest;
  }

  /** The lanes that have begun and not ended. */
  open(): readonly Lane[] {
    return [...this.#states.keys()];
  }

  #open(span: TextSpan): LaneState {
    let state = this.#states.get(span.lane);
    if (state === undefined) {
      const { reader, record } = this.#rules;
      state = {
        lane: span.lane,
        author: span.author,
        reader: reader?.open(span.syntax),
        record: this.#shared ? undefined : record?.open(span.syntax),
      };
      this.#states.set(span.lane, state);
    }
    this.#latest = state;
    return state;
  }

  #note(state: LaneState, text: string): void {
    if (text !== "") this.#sink.piece(state.lane, state.author, text as MaskedText);
  }
}

const lastIndexOfLane = (spans: readonly TextSpan[], lane: Lane): number => spans.findLastIndex((span) => span.lane === lane);

/**
 * The texts of a whole message, masked for their reader, paired with `spans`. What a lane held back at one span is released with a later one
 * of the same lane, or with its last.
 */
export const maskSpans = (spans: readonly TextSpan[], rules: LaneRules, sink: PieceSink): string[] => {
  const lanes = new LaneMaskers(rules, sink);
  const texts = spans.map((span) => lanes.push(span));
  for (const lane of lanes.open()) {
    const index = lastIndexOfLane(spans, lane);
    texts[index] += lanes.close({ lane, complete: true });
  }
  return texts;
};
