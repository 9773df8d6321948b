/** The frames that gRPC, gRPC-Web and the streams of Connect put their messages in: one byte of flags, four of length, the message (gRPC over HTTP2, "Length-Prefixed-Message"). */

/** Bytes before each message. */
export const prefixBytes = 5;

/** The message is compressed. */
export const compressedFlag = 0x01;

/** One frame, whole. */
export interface Frame {
  readonly flags: number;
  /** The message as it came, compressed where the flags say so. */
  readonly payload: Buffer;
  /** The frame as it came: flags, length and message. */
  readonly wire: Buffer;
}

/** Puts a message into a frame. */
export const frameOf = (flags: number, message: Uint8Array): Frame => {
  const wire = Buffer.allocUnsafe(prefixBytes + message.length);
  wire.writeUInt8(flags, 0);
  wire.writeUInt32BE(message.length, 1);
  wire.set(message, prefixBytes);
  return { flags, payload: wire.subarray(prefixBytes), wire };
};

export interface FrameLimits {
  /** Bytes of one message as it stands on the wire. */
  readonly messageBytes: number;
  /** What a longer message is refused with. */
  readonly tooLarge: () => Error;
}

/** Finds frames in bytes as they arrive, however they are cut. What it holds of an unfinished frame is bounded by the limit. */
export class FrameReader {
  readonly #limits: FrameLimits;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the frame that is arriving; 0 until its prefix is known. */
  #wanted = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Whether bytes of an unfinished frame are held. */
  get partial(): boolean {
    return this.#heldBytes > 0;
  }

  /** Gives `frames` the frames that these bytes complete. Throws the limits' error for a message that is too long. */
  push(chunk: Buffer, frames: (frame: Frame) => void): void {
    let rest = chunk;
    if (this.#heldBytes > 0) {
      this.#hold(chunk);
      if (this.#heldBytes < (this.#wanted || prefixBytes)) return;
      rest = this.#release();
    }
    while (rest.length >= prefixBytes) {
      const length = this.#lengthIn(rest);
      if (rest.length < length) break;
      frames({ flags: rest[0] ?? 0, payload: rest.subarray(prefixBytes, length), wire: rest.subarray(0, length) });
      rest = rest.subarray(length);
      this.#wanted = 0;
    }
    if (rest.length > 0) this.#hold(rest);
  }

  /** Bytes of the whole frame that begins here. */
  #lengthIn(bytes: Buffer): number {
    const length = bytes.readUInt32BE(1);
    if (length > this.#limits.messageBytes) throw this.#limits.tooLarge();
    this.#wanted = prefixBytes + length;
    return this.#wanted;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #release(): Buffer {
    const [first] = this.#held;
    const bytes = this.#held.length === 1 && first !== undefined ? first : Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }
}
