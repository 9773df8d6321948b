/** Walks along the frames in a body without holding their messages: for bodies that pass as they are, but whose last frame says how the call ended. */

import { type Frame, type FrameLimits, FrameReader, prefixBytes } from "./frame.ts";

export interface FrameSink {
  /** Bytes of messages, wherever frames begin and end in them. */
  bytes(bytes: Buffer): void;
  /** A frame with one of the walker's flags, whole. */
  special(frame: Frame): void;
}

/** States: within a prefix → within a message (passed as it comes) or within a special frame (held until it is whole). */
export class FrameWalker {
  readonly #special: number;
  readonly #limits: FrameLimits;
  /** The beginning of a prefix that the last chunk ended in. */
  #held: Buffer | undefined;
  /** Bytes of the current message that are still to come. */
  #passing = 0;
  #collecting: FrameReader | undefined;

  /** `special`: flags by which a frame is held and handed on whole. */
  constructor(special: number, limits: FrameLimits) {
    this.#special = special;
    this.#limits = limits;
  }

  /** Whether the body stands within a frame. */
  get partial(): boolean {
    return this.#held !== undefined || this.#passing > 0 || this.#collecting?.partial === true;
  }

  /** Throws the limits' error for a special frame that is too long. */
  push(chunk: Buffer, sink: FrameSink): void {
    if (this.#collecting !== undefined) {
      this.#collecting.push(chunk, (frame) => sink.special(frame));
      return;
    }
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    const end = this.#walk(bytes);
    if (end > 0) sink.bytes(bytes.subarray(0, end));
    if (end === bytes.length) return;
    const rest = bytes.subarray(end);
    if (rest.length < prefixBytes) {
      this.#held = rest;
      return;
    }
    this.#collecting = new FrameReader(this.#limits);
    this.#collecting.push(rest, (frame) => sink.special(frame));
  }

  /** How many of the bytes belong to messages that pass. */
  #walk(bytes: Buffer): number {
    let at = Math.min(this.#passing, bytes.length);
    this.#passing -= at;
    while (bytes.length - at >= prefixBytes) {
      if (((bytes[at] ?? 0) & this.#special) !== 0) return at;
      const length = prefixBytes + bytes.readUInt32BE(at + 1);
      const here = Math.min(length, bytes.length - at);
      this.#passing = length - here;
      at += here;
    }
    return at;
  }
}
