/** The messages of one streamed direction as the core reads them, without a wire around them. */

import type { MessageReader, ReadMessage } from "../../adapters/rpc/messages/index.ts";
import type { Program } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import type { StreamCodec } from "../../src/envelope/message.ts";

const codecOf = (reader: MessageReader): StreamCodec<ReadMessage> => ({
  spans: ({ spans }) => spans,
  rewrite: (message, texts) => {
    const bytes = message.rewrite(texts);
    return bytes === message.bytes ? message : { ...message, bytes };
  },
  closes: ({ closings }) => closings,
  visibility: ({ visibility }) => visibility,
  usage: ({ usage }) => usage,
  carry: (lane, text) => reader.carry(lane, text),
  onlyText: ({ onlyText }) => onlyText,
  ends: () => false,
});

async function* inBatches(reader: MessageReader, messages: readonly Uint8Array[], size: number): AsyncGenerator<readonly ReadMessage[]> {
  for (let at = 0; at < messages.length; at += size) yield messages.slice(at, at + size).map((bytes) => reader.read(bytes));
}

/** The messages of a stream, masked, as they go on. */
export const maskedMessages = async (
  reader: MessageReader,
  messages: readonly Uint8Array[],
  { program, batch }: { readonly program: Program; readonly batch: number },
): Promise<readonly Uint8Array[]> => {
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  const out: Uint8Array[] = [];
  for await (const masked of maskStream(inBatches(reader, messages, batch), codecOf(reader), { lanes, mustRead: true }))
    out.push(...masked.map(({ bytes }) => bytes));
  return out;
};
