/** The codecs of REST bodies, held to the laws of every adapter's, and to those of streams that are cut anywhere. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyOf, joinParts, type RestMessage } from "../../adapters/rest/message.ts";
import { operationOf } from "../../adapters/rest/operations.ts";
import { parseRequest } from "../../adapters/rest/request.ts";
import { jsonLengthHeader } from "../../adapters/rest/tensors.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers, maskSpans } from "../../src/enforcement/masked.ts";
import type { Lane } from "../../src/envelope/text.ts";
import { someCuts } from "../support/cuts.ts";
import { chunksAt, readChunks, readerOf, record, type StreamKind, bodyOf as streamBody, streamKinds } from "../support/rest-bodies.ts";
import { messageLaws, streamLaws } from "./codec-laws.ts";

const wire = (message: RestMessage): Buffer =>
  Buffer.concat([Buffer.from(joinParts(message.query)), Buffer.from("\n"), Buffer.from(bodyOf(message))]);
const latin1 = (message: RestMessage): string => wire(message).toString("latin1");
const whole = (messages: readonly RestMessage[]): string =>
  messages.map((message) => Buffer.from(bodyOf(message)).toString("latin1")).join("");
const bytesOf = (text: string): string => Buffer.from(text).toString("latin1");

const predict = operationOf("POST", "/predict", []);
const infer = operationOf("POST", "/v2/models/m/infer", []);

const text = fc.string({ unit: fc.constantFrom(...'ab %&=+"\r\n', "é", "😀", "\u0001"), maxLength: 20 });

const encoded = fc.array(fc.tuple(text, text), { maxLength: 4 }).map((pairs) => new URLSearchParams(pairs).toString());

const multipart = fc
  .array(fc.tuple(text, text), { maxLength: 3 })
  .map((fields) =>
    [
      ...fields.map(
        ([name, content]) =>
          `--b\r\nContent-Disposition: form-data; name="${name.replace(/["\\\p{Cc}]/gu, "_")}x"\r\n\r\n${content.replaceAll("--b", "")}\r\n`,
      ),
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
      "--b--\r\n",
    ].join(""),
  );

const tensors = fc.array(text, { maxLength: 4 }).map((elements) => {
  const data = Buffer.concat(
    elements.flatMap((element) => {
      const bytes = Buffer.from(element);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
  const json = JSON.stringify({
    inputs: [{ name: "t", datatype: "BYTES", shape: [elements.length], parameters: { binary_data_size: data.length } }],
  });
  return { bytes: Buffer.concat([Buffer.from(json), data]), jsonLength: String(Buffer.byteLength(json)) };
});

const request = (bytes: Buffer, contentType: string, query = "") =>
  parseRequest(bytes, { operation: predict, path: "/predict", query, contentType, jsonLength: undefined });

const requests = fc.oneof(
  fc.tuple(record, encoded).map(([json, query]) => request(Buffer.from(JSON.stringify(json, null, 1)), "application/json", query)),
  encoded.map((form) => request(Buffer.from(form), "application/x-www-form-urlencoded")),
  multipart.map((form) => request(Buffer.from(form), "multipart/form-data; boundary=b")),
  text.map((plain) => request(Buffer.from(plain), "text/plain")),
  tensors.map(({ bytes, jsonLength }) =>
    parseRequest(bytes, { operation: infer, path: "/v2/models/m/infer", query: "", contentType: "application/octet-stream", jsonLength }),
  ),
);

messageLaws({
  name: "REST requests",
  messages: requests.map(({ message, codec }) => ({ message, codec })),
  wire: latin1,
  // Nothing but a body that is one text stands on the wire as it reads.
  textAt: () => undefined,
  without: (all) => all,
});

const anyStream = fc.constantFrom(...streamKinds).chain((kind) => fc.tuple(fc.constant(kind), streamBody[kind], someCuts));

streamLaws({ name: "REST streams", streams: anyStream.map(([kind, body, cuts]) => readChunks(kind, chunksAt(Buffer.from(body), cuts))) });

describe("a REST request", () => {
  it("goes on byte for byte while no text changes", () => {
    fc.assert(
      fc.property(requests, ({ message, codec }) => {
        const texts = codec.spans(message).map((span) => span.text);
        const touched = codec.rewrite(
          message,
          texts.map((each) => `${each}!`),
        );
        const back = codec.rewrite(touched, texts);
        expect(codec.rewrite(message, texts)).toBe(message);
        if (message.body.every((part) => typeof part === "string" || Buffer.isBuffer(part) || part.writing !== "form")) {
          expect(latin1(back)).toBe(latin1(message));
        }
      }),
    );
  });

  it("mends the sizes of binary tensors whose texts changed", () => {
    fc.assert(
      fc.property(tensors, text, ({ bytes, jsonLength }, other) => {
        const read = parseRequest(bytes, { operation: infer, path: "/v2/models/m/infer", query: "", contentType: undefined, jsonLength });
        const texts = read.codec.spans(read.message).map((span, at) => (at === 0 ? span.text : other));
        const rewritten = read.codec.rewrite(read.message, texts);
        const sent = Buffer.from(bodyOf(rewritten));
        const length = rewritten.envelope?.seal(rewritten.body).headers[jsonLengthHeader] ?? jsonLength;
        const again = parseRequest(sent, {
          operation: infer,
          path: "/v2/models/m/infer",
          query: "",
          contentType: undefined,
          jsonLength: length,
        });
        expect(
          again.codec
            .spans(again.message)
            .map((span) => span.text)
            .slice(1),
        ).toEqual(texts.slice(1));
      }),
    );
  });
});

describe("a streamed REST answer", () => {
  const spelled = (kind: StreamKind, chunks: readonly Buffer[]) => {
    const { messages, codec } = readChunks(kind, chunks);
    const lanes = new Map<Lane, string>();
    for (const span of messages.flatMap((message) => codec.spans(message))) lanes.set(span.lane, (lanes.get(span.lane) ?? "") + span.text);
    return { wire: whole(messages), lanes: [...lanes] };
  };

  it.each(streamKinds)("of the kind %s is read the same, and is the same bytes, however it is cut", (kind) => {
    fc.assert(
      fc.property(streamBody[kind], someCuts, (body, cuts) => {
        const once = spelled(kind, [Buffer.from(body)]);
        expect(spelled(kind, chunksAt(Buffer.from(body), cuts))).toEqual(once);
        expect(once.wire).toBe(bytesOf(body));
      }),
      { numRuns: 300 },
    );
  });
});

const detectors = [
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "card", pattern: "\\d{4} \\d{4} \\d{4} \\d{4}" },
];
const program = compile(detectors, laneOptions());
const secrets = ["a.b@example.com", "4111 1111 1111 1111"];

async function* batches(kind: StreamKind, chunks: readonly Buffer[], reader = readerOf(kind)): AsyncGenerator<readonly RestMessage[]> {
  for (const chunk of chunks) {
    const out: RestMessage[] = [];
    reader.push(chunk, out);
    if (out.length > 0) yield out;
  }
  const out: RestMessage[] = [];
  reader.end(out);
  if (out.length > 0) yield out;
}

const masked = async (kind: StreamKind, chunks: readonly Buffer[]): Promise<string> => {
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  const reader = readerOf(kind);
  const out: RestMessage[] = [];
  for await (const batch of maskStream(batches(kind, chunks, reader), reader.codec, { lanes, mustRead: true })) out.push(...batch);
  // Where a line end of two characters is cut, a message of held text may stand between them: line ends are not compared.
  return whole(out).replace(/[\r\n]+/g, "\n");
};

describe("a masked REST answer", () => {
  it.each(streamKinds)("of the kind %s is the same however it is cut, and holds no secret that stands in one text", async (kind) => {
    await fc.assert(
      fc.asyncProperty(streamBody[kind], someCuts, async (body, cuts) => {
        const once = await masked(kind, [Buffer.from(body)]);
        expect(await masked(kind, chunksAt(Buffer.from(body), cuts))).toBe(once);
        for (const secret of secrets) expect(once).not.toContain(secret);
      }),
      { numRuns: 200 },
    );
  });

  it("says with its pieces, put together, what its whole text masked says", async () => {
    const pieces = fc.array(fc.constantFrom(...secrets, "a.b@", "example", ".com", "4111", " 1111", " ", "x", '"'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, someCuts, async (tokens, cuts) => {
        const stream = [
          ...tokens.map((text_output) => JSON.stringify({ model_name: "m", text_output })),
          JSON.stringify({ model_name: "m" }),
        ];
        const bytes = Buffer.from(stream.map((event) => `data: ${event}\n\n`).join(""));
        const sent = await masked("tokens", chunksAt(bytes, cuts));
        const said = sent
          .split("\n")
          .filter((event) => event !== "")
          .map((event) => JSON.parse(event.slice("data: ".length)).text_output ?? "");
        expect(said.join("")).toBe(program.mask(tokens.join("")));
      }),
      { numRuns: 200 },
    );
  });

  it("is whole what it is in pieces", () => {
    fc.assert(
      fc.property(requests, ({ message, codec }) => {
        const spans = codec.spans(message);
        const texts = maskSpans({ spans, closings: codec.closes(message) }, { reader: program, record: undefined }, () => {});
        expect(codec.spans(codec.rewrite(message, texts)).map((span) => span.text)).toEqual(texts);
        for (const each of texts) for (const secret of secrets) expect(each).not.toContain(secret);
      }),
    );
  });
});
