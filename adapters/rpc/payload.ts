/** One message of a stream, read only when somebody asks for its text. */

import type { Visibility } from "../../src/envelope/message.ts";
import type { MessageReader, ReadMessage } from "./messages/index.ts";
import { type Frame, frameOf } from "./wire/frame.ts";
import type { Inflating } from "./wire/message-coding.ts";

/** What reads the messages of one direction of a call. */
export interface PayloadReading {
  readonly reader: MessageReader;
  readonly inflating: Inflating;
  /** Puts a message that was written anew into the form that messages have on the wire. */
  readonly frame: (message: Uint8Array) => Frame;
}

/** Messages written anew go uncompressed, which every frame may. */
export const plainFrame = (message: Uint8Array): Frame => frameOf(0, message);

/** A message within its frame. */
export class Payload {
  readonly kind = "payload";
  readonly frame: Frame;
  readonly #reading: PayloadReading;
  #read: ReadMessage | undefined;

  constructor(frame: Frame, reading: PayloadReading, read?: ReadMessage) {
    this.frame = frame;
    this.#reading = reading;
    this.#read = read;
  }

  /**
   * The message's texts. INVARIANT: the payloads of a direction are read in their order, because joined fields run from one to the next.
   * Throws what inflating throws.
   */
  get read(): ReadMessage {
    const { reader, inflating } = this.#reading;
    this.#read ??= reader.read(inflating.inflate(this.frame));
    return this.#read;
  }

  /** What has been read already; nothing is read for it. */
  get known(): ReadMessage | undefined {
    return this.#read;
  }

  get visibility(): Visibility {
    return this.read.visibility;
  }

  /**
   * The same message with these texts; itself when nothing changed. It is not read again, for joined fields would then run on twice: what was read of the
   * message stands for it.
   */
  rewrite(texts: readonly string[]): Payload {
    const { read } = this;
    const bytes = read.rewrite(texts);
    return bytes === read.bytes ? this : new Payload(this.#reading.frame(bytes), this.#reading, read);
  }

  /** A message that bears only `text` on a lane of this direction. */
  carry(lane: Parameters<MessageReader["carry"]>[0], text: string): Payload {
    const read = this.#reading.reader.carry(lane, text);
    return new Payload(this.#reading.frame(read.bytes), this.#reading, read);
  }
}
