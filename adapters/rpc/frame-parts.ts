/** Finds messages, and the frame that ends an answer, in a framed body: read one by one, or walked along where nobody can read them. */

import type { RpcMessage } from "./message.ts";
import { Payload, type PayloadReading } from "./payload.ts";
import { type Frame, type FrameLimits, FrameReader } from "./wire/frame.ts";
import { FrameWalker } from "./wire/frame-walk.ts";

export interface FramePartsOptions {
  /** What reads messages; undefined: nobody can. */
  readonly payloads: PayloadReading | undefined;
  readonly limits: FrameLimits;
  /** Flags of the frame that ends the answer. */
  readonly special: number;
  /** Reads that frame into the answer's end. */
  readonly end: (frame: Frame, out: RpcMessage[]) => void;
}

export interface FrameParts {
  /** Whether the body stands within a frame. */
  readonly partial: boolean;
  push(chunk: Buffer, out: RpcMessage[]): void;
}

const walked = ({ limits, special, end }: FramePartsOptions): FrameParts => {
  const walker = new FrameWalker(special, limits);
  return {
    get partial() {
      return walker.partial;
    },
    push: (chunk, out) =>
      walker.push(chunk, {
        bytes: (bytes) => out.push({ kind: "raw", bytes }),
        special: (frame) => end(frame, out),
      }),
  };
};

export const frameParts = (options: FramePartsOptions): FrameParts => {
  const { payloads, limits, special, end } = options;
  if (payloads === undefined) return walked(options);
  const frames = new FrameReader(limits);
  return {
    get partial() {
      return frames.partial;
    },
    push: (chunk, out) =>
      frames.push(chunk, (frame) => {
        if ((frame.flags & special) === 0) out.push(new Payload(frame, payloads));
        else end(frame, out);
      }),
  };
};
