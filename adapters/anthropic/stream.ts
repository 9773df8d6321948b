/** A streamed message: its events, and the signatures of thinking whose words were changed on their way. */

import type { StreamCodec } from "../../src/envelope/message.ts";
import type { Lane } from "../../src/envelope/text.ts";
import { EventStream } from "../shared/events/index.ts";
import type { FramedMessage, Slot } from "../shared/frame.ts";
import { MessageGrammar } from "./message-grammar.ts";
import { isSeal, isThought, sealAfter } from "./signatures.ts";

/** What a lane's words are and what became of them, compared as they go: text that masking holds back comes later, but the same. */
class Comparison {
  /** What has come and was not let out yet. */
  #owed = "";
  #differs = false;

  add(came: string, released: string): void {
    if (this.#differs) return;
    const owed = this.#owed + came;
    if (owed.startsWith(released)) this.#owed = owed.slice(released.length);
    else this.#differs = true;
  }

  /** Whether the words, now that they are over, are others than came. */
  get changed(): boolean {
    return this.#differs || this.#owed !== "";
  }
}

/** Whether a slot is a signature's, or holds what one vouches for. */
const concerns = ({ path }: Slot): boolean => isSeal(path) || isThought(path);

/** Follows the thinking of one stream on its way through the core, in the order of its messages. */
class Signatures {
  readonly #lanes = new Map<Lane, Comparison>();

  /** A piece of thinking as it came, and what of it goes on now. */
  note(lane: Lane, came: string, released: string): void {
    const known = this.#lanes.get(lane);
    const comparison = known ?? new Comparison();
    if (known === undefined) this.#lanes.set(lane, comparison);
    comparison.add(came, released);
  }

  /** Whether thinking that ends with a message is not what it was. */
  brokenBy({ frame }: FramedMessage): boolean {
    let broken = false;
    for (const { lane } of frame.closings) {
      broken = this.#lanes.get(lane)?.changed === true || broken;
      this.#lanes.delete(lane);
    }
    return broken;
  }
}

/** A stream's codec that keeps signatures true. Nearly every message bears none, nor what one vouches for. */
const signedCodec = (codec: StreamCodec<FramedMessage>, isThinking: (lane: Lane) => boolean): StreamCodec<FramedMessage> => {
  const signatures = new Signatures();
  const signed = (message: FramedMessage, texts: readonly string[]): readonly string[] => {
    const spans = codec.spans(message);
    spans.forEach(({ lane, text }, index) => {
      if (isThinking(lane)) signatures.note(lane, text, texts[index] ?? "");
    });
    const broken = signatures.brokenBy(message);
    return texts.map((text, index) => {
      const span = spans[index];
      return span !== undefined && isSeal(span.path) ? sealAfter(span.text, text, broken) : text;
    });
  };
  return {
    ...codec,
    rewrite: (message, texts) => codec.rewrite(message, message.frame.slots.some(concerns) ? signed(message, texts) : texts),
    carry: (lane, text, like) => {
      if (isThinking(lane)) signatures.note(lane, "", text);
      return codec.carry(lane, text, like);
    },
  };
};

/** One stream of a message, and how the core reads what comes of it. */
export interface MessageStream {
  readonly events: EventStream;
  readonly codec: StreamCodec<FramedMessage>;
}

/** A stream of which nothing has been read. */
export const messageStream = (): MessageStream => {
  const grammar = new MessageGrammar();
  const events = new EventStream({ grammar, masked: false });
  return { events, codec: signedCodec(events.codec, (lane) => grammar.isThinking(lane)) };
};
