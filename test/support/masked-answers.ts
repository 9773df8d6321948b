/** An adapter's reading, the core's loop and a real masker together, without sockets: what of an answer reaches its caller. */

import { EventStream, type StreamGrammar } from "../../adapters/shared/events/index.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import type { Program } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers, maskSpans } from "../../src/enforcement/masked.ts";
import type { TextCodec } from "../../src/envelope/message.ts";

async function* read(stream: EventStream, reads: readonly Buffer[]): AsyncGenerator<readonly FramedMessage[]> {
  for (const bytes of reads) {
    let out: FramedMessage[] = [];
    stream.push(bytes, out);
    while (stream.paused) {
      yield out;
      out = [];
      stream.readOn(out);
    }
    if (out.length > 0) yield out;
  }
  const rest: FramedMessage[] = [];
  stream.end(rest);
  if (rest.length > 0) yield rest;
}

/** Bytes in pieces of one size. */
export const readsOf = (wire: string, size: number): readonly Buffer[] => {
  const bytes = Buffer.from(wire);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
};

/** A stream as its caller gets it; `program` undefined: nothing is masked, and nobody looks. */
export const maskedStream = async (grammar: StreamGrammar, reads: readonly Buffer[], program: Program | undefined): Promise<string> => {
  const stream = new EventStream({ grammar, masked: program !== undefined });
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  let wire = "";
  for await (const batch of maskStream(read(stream, reads), stream.codec, { lanes, mustRead: program !== undefined })) {
    wire += batch.map(wireText).join("");
  }
  return wire;
};

/** A whole message as its reader gets it. */
export const maskedMessage = <M>(message: M, codec: TextCodec<M>, program: Program): M => {
  const whole = { spans: codec.spans(message), closings: codec.closes(message) };
  return codec.rewrite(
    message,
    maskSpans(whole, { reader: program, record: program }, () => {}),
  );
};
