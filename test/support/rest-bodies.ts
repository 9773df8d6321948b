/** Bodies of REST answers and requests as servers and clients write them, for laws about how they are read. */

import fc from "fast-check";
import { streamOf } from "../../adapters/rest/answer-stream.ts";
import type { BodyStream } from "../../adapters/rest/body-stream.ts";
import { commonPlaces, generatePlaces } from "../../adapters/rest/joins.ts";
import type { RestMessage } from "../../adapters/rest/message.ts";
import type { StreamCodec } from "../../src/envelope/message.ts";

export type StreamKind = "json" | "text" | "lines" | "events" | "tokens";

/** A reader for a kind of stream; `tokens` are events of Triton's generate extension. */
export const readerOf = (kind: StreamKind): BodyStream =>
  kind === "tokens"
    ? streamOf("events", { joins: generatePlaces, echoes: undefined })
    : streamOf(kind, { joins: commonPlaces, echoes: undefined });

/** Bytes in chunks that end at these offsets, taken modulo the length. */
export const chunksAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
};

export interface ReadStream {
  readonly messages: readonly RestMessage[];
  readonly codec: StreamCodec<RestMessage>;
}

/** The messages of a body that comes in these chunks. */
export const readChunks = (kind: StreamKind, chunks: readonly Buffer[]): ReadStream => {
  const reader = readerOf(kind);
  const messages: RestMessage[] = [];
  for (const chunk of chunks) reader.push(chunk, messages);
  reader.end(messages);
  return { messages, codec: reader.codec };
};

const words = fc
  .array(fc.constantFrom("hello ", "x", " ", '"', "\\", "\n", "é", "😀", "12-", " a.b@example.com ", " 4111 1111 1111 1111 ", "{", "]"), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

const value: fc.Arbitrary<unknown> = fc.oneof(words, fc.integer(), fc.constant(null), fc.array(words, { maxLength: 3 }));

/** What streams bear as JSON, deltas among it. */
export const record: fc.Arbitrary<unknown> = fc.oneof(
  fc.dictionary(fc.constantFrom("id", "label", "score", "text", "note"), value, { maxKeys: 4 }),
  words.map((token) => ({ token })),
  words.map((text) => ({ token: { id: 7, text, special: false }, generated_text: null })),
  words.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  fc.constant({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  words.map((text) => ({ model_name: "m", text_output: text })),
);

const lineEnd = fc.constantFrom("\n", "\n", "\r\n");

const eventOf = fc
  .tuple(
    fc.oneof(
      record.map((json) => JSON.stringify(json)),
      record.map((json) => JSON.stringify(json, null, 1)),
      words,
      fc.constant("[DONE]"),
    ),
    lineEnd,
    fc.nat({ max: 4 }),
  )
  .map(([data, end, extra]) => {
    const lines = data.split("\n").map((line) => (extra === 1 ? `data:${line}` : `data: ${line}`));
    if (extra === 2) lines.unshift("event: update", "id: 17");
    if (extra === 3) lines.push(": a.b@example.com says hello", "retry: 10");
    return `${lines.join(end)}${end}${end}`;
  });

/** Bodies of each kind. */
export const bodyOf: Readonly<Record<StreamKind, fc.Arbitrary<string>>> = {
  json: record.map((json) => JSON.stringify(json, null, 1)),
  text: words.chain((some) => words.map((more) => `${some}${more}`)),
  lines: fc
    .tuple(
      fc.array(
        fc.oneof(
          record.map((json) => JSON.stringify(json)),
          words,
        ),
        { maxLength: 6 },
      ),
      lineEnd,
    )
    .map(([lines, end]) => lines.join(end)),
  events: fc.array(eventOf, { maxLength: 6 }).map((events) => events.join("")),
  tokens: fc.array(eventOf, { maxLength: 6 }).map((events) => events.join("")),
};

export const streamKinds: readonly StreamKind[] = ["json", "text", "lines", "events", "tokens"];
