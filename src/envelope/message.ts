/** Codecs: how the core sees the text of messages whose form it never learns. `M` is opened by adapters only. */

import type { Closing, Lane, Reading, TextSpan } from "./text.ts";

/** Tokens of one call as the upstream counted them. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** What the gateway can read of a message: everything, part of it, or nothing (which meets a policy, not a shrug). */
export type Visibility = "whole" | "partial" | "none";

/** A tool that a model calls. */
export interface CalledTool {
  readonly name: string;
  /** Which call of the answer it is, where later messages may go on with its name; undefined: the name is whole. */
  readonly pieceOf: string | undefined;
}

/** What the record says of content that the gateway cannot read. */
export interface Unread {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Shows a message's texts and writes changed ones back.
 *
 * Laws (test/laws/codec.ts): rewriting with its own texts returns the very same object; `spans` and `rewrite` pair by index;
 * whatever is not a span survives byte for byte.
 */
export interface TextCodec<M> {
  /** Every text of the message in reading order. */
  spans(message: M): readonly TextSpan[];
  /** The message with its texts replaced, paired with {@link spans}; the same object when nothing changed. */
  rewrite(message: M, texts: readonly string[]): M;
  /** Lanes that end with this message, after its own spans. Where it is a whole answer or request all of them do, and those not told are complete. */
  closes(message: M): readonly Closing[];
  /** The tools which the model calls here; asked once for each message, in order. Absent: this protocol has none that the gateway knows of. */
  calls?(message: M): readonly CalledTool[];
  visibility(message: M): Visibility;
  /**
   * The texts that rules about prompts read, where they are others than {@link spans}: a JSON body that is masked as one `json` lane is read string by string.
   * Absent: the spans.
   */
  readings?(message: M): readonly Reading[];
  /** Models that a later message of a request stream asks for; absent: none. Each is decided about. */
  models?(message: M): readonly string[];
  /** Digest and length of what {@link visibility} says cannot be read, for the record; absent, or undefined: there is nothing of the kind. */
  unread?(message: M): Unread | undefined;
  usage(message: M): TokenUsage | undefined;
  /** Whether a span is what a model generated, told for the first time: what a limit of output counts. Absent: every span is. */
  isOutput?(span: TextSpan): boolean;
  /**
   * The whole answer as the API tells one that ended at the most tokens it may have; `cut` are the spans whose texts were cut, or left out. Absent, or undefined:
   * the API has no word for it.
   */
  atLimit?(message: M, cut: readonly TextSpan[]): M | undefined;
}

/**
 * A codec for messages that arrive one after the other.
 *
 * Further laws: `carry` shows its text on that lane and on no other; nothing on a lane follows its close; `endAtLimit` shows no text, and its last message, and no
 * other, tells that the call ended.
 */
export interface StreamCodec<M> extends TextCodec<M> {
  /** A message that bears only `text`, held back until now, on `lane`; `like` is the message that closed the lane or the last one seen. */
  carry(lane: Lane, text: string, like: M): M;
  /** Whether the message bears nothing but the text of its spans, so that it may be dropped once they are empty. */
  onlyText(message: M): boolean;
  /** Told each message as it goes on to the caller, in order, where its output is limited: what {@link endAtLimit} may have to repeat. Absent: nothing. */
  told?(message: M): void;
  /**
   * Messages that end the stream here as the API ends one that has reached the most tokens it may have, every lane having been closed; `like` as in `carry`.
   * Absent, or undefined: the API has no word for it.
   */
  endAtLimit?(like: M, usage: TokenUsage): readonly M[] | undefined;
  /** Whether this message tells the caller that the call has ended: it waits for the record. */
  ends(message: M): boolean;
}
