/** The OpenAI codec, the core's loop and the real masker together: what a client puts together of a stream is the masked text. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkGrammar } from "../../adapters/openai/chunk-grammar.ts";
import { chatChunkPlaces } from "../../adapters/openai/places.ts";
import { EventStream } from "../../adapters/shared/events/index.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import { chunkOf } from "../support/upstream.ts";

const detectors = [
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "ssn", pattern: "\\b\\d{3}-\\d{2}-\\d{4}\\b" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
];
const program = compile(detectors, laneOptions());
const secrets = ["a.b@example.com", "536-22-8741", "AKIAQ3EGRIJ5KZT7XW2M"];

const words = fc
  .array(fc.constantFrom(...secrets, ...secrets, "hello ", "x", " ", '"', "\\", "\n", "😀", "12-", "AKIA"), { maxLength: 10 })
  .map((parts) => parts.join(""));
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

const cut = (text: string, lengths: readonly number[]): string[] => {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
};

interface Said {
  readonly content: string;
  readonly reasoning: string;
  readonly args: string;
}

const eventsOf = (said: Said, index: number, lengths: readonly number[]): string[] => [
  ...cut(said.reasoning, lengths).map((piece) => chunkOf({ reasoning_content: piece }, { index })),
  ...cut(said.content, lengths).map((piece) => chunkOf({ content: piece }, { index })),
  ...cut(said.args, lengths).map((piece) => chunkOf({ tool_calls: [{ index: 0, function: { arguments: piece } }] }, { index })),
  chunkOf({}, { index, finish_reason: "stop" }),
];

const interleave = (left: readonly string[], right: readonly string[]): string[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [left[at], right[at]]).flatMap((pair) =>
    pair.filter((each) => each !== undefined),
  );

async function* read(stream: EventStream, bytes: Buffer, size: number): AsyncGenerator<readonly FramedMessage[]> {
  for (let at = 0; at < bytes.length; at += size) {
    let out: FramedMessage[] = [];
    stream.push(bytes.subarray(at, at + size), out);
    while (stream.paused) {
      yield out;
      out = [];
      stream.readOn(out);
    }
    if (out.length > 0) yield out;
  }
}

const masked = async (events: readonly string[], size: number): Promise<string> => {
  const stream = new EventStream({ grammar: new ChunkGrammar(chatChunkPlaces, false), masked: true });
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  let wire = "";
  for await (const batch of maskStream(read(stream, Buffer.from(events.join("")), size), stream.codec, { lanes, mustRead: true })) {
    wire += batch.map(wireText).join("");
  }
  return wire;
};

/** What a client puts together of each choice. */
const assembled = (wire: string): Said[] => {
  const said = [0, 1].map(() => ({ content: "", reasoning: "", args: "" }));
  for (const event of wire.split("\n\n")) {
    if (event === "" || event === "data: [DONE]") continue;
    const { choices } = JSON.parse(event.slice("data: ".length));
    for (const { index, delta } of choices) {
      const one = said[index];
      if (one === undefined) continue;
      one.content += delta.content ?? "";
      one.reasoning += delta.reasoning_content ?? "";
      one.args += delta.tool_calls?.[0]?.function.arguments ?? "";
    }
  }
  return said;
};

const said = fc.record({ content: words, reasoning: words, args: words.map((text) => JSON.stringify({ note: text, n: 12 })) });

describe("a masked chat stream", () => {
  it("hides a secret that an upstream puts where identifiers stand, in every chunk and in those of our own", async () => {
    const [, , secret = ""] = secrets;
    const chunks = ["tell AKIAQ3EG", "RIJ5KZT7XW2M and", " AKIA", ""].map((content) => chunkOf({ content }));
    const events = [...chunks, chunkOf({}, { finish_reason: "stop" })].map((event) => event.replace(/"id":"[^"]*"/, `"id":"${secret}"`));
    expect(events.join("")).toContain(secret);
    const wire = await masked([...events, "data: [DONE]\n\n"], 100);
    expect(wire).not.toContain(secret);
    expect(wire).toContain('"id":"[AWS_KEY]"');
  });

  it("keeps the arguments of a tool call valid JSON where an escape stands before a match", () => {
    expect(program.mask('{"note":"\\na.b@example.com","n":12}', "json")).toBe('{"note":"\\n[EMAIL]","n":12}');
  });

  it("reads as the masked text on every surface, however it was cut and read", async () => {
    await fc.assert(
      fc.asyncProperty(said, said, sizes, fc.integer({ min: 1, max: 3_000 }), async (left, right, lengths, size) => {
        const events = [...interleave(eventsOf(left, 0, lengths), eventsOf(right, 1, lengths)), "data: [DONE]\n\n"];
        const wire = await masked(events, size);
        expect(wire.endsWith("data: [DONE]\n\n")).toBe(true);
        const expected = [left, right].map(({ content, reasoning, args }) => ({
          content: program.mask(content),
          reasoning: program.mask(reasoning),
          args: program.mask(args, "json"),
        }));
        const spelled = assembled(wire);
        expect(spelled).toEqual(expected);
        for (const { args } of spelled) expect(JSON.parse(args)).toMatchObject({ n: 12 });
      }),
      { numRuns: 200 },
    );
  });
});
