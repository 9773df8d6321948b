/** The Anthropic codec, the core's loop and the real masker together: what a client puts together of a stream is the whole message, masked. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessage } from "../../adapters/anthropic/message.ts";
import { answerCodec } from "../../adapters/anthropic/signatures.ts";
import { messageStream } from "../../adapters/anthropic/stream.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers, maskSpans } from "../../src/enforcement/masked.ts";
import { accumulated, type Block, blockEvents, type Cutter, eventOf, messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { piecesOf } from "../support/cuts.ts";

const detectors = [
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "ssn", pattern: "\\b\\d{3}-\\d{2}-\\d{4}\\b" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
];
const program = compile(detectors, laneOptions());
const secrets = ["a.b@example.com", "536-22-8741", "AKIAQ3EGRIJ5KZT7XW2M"];

const words = fc
  .array(fc.constantFrom(...secrets, ...secrets, "hello ", "x", " ", '"', "\\", "\n", "😀", "12-", "AKIA"), { maxLength: 8 })
  .map((parts) => parts.join(""));

/** Text in adjacent blocks, cut wherever. */
const texts = fc.tuple(words, fc.array(fc.nat({ max: 60 }), { maxLength: 3 })).map(([text, cuts]): Block[] => {
  const ends = [...new Set(cuts.map((at) => at % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => ({ type: "text", text: text.slice(ends[index - 1] ?? 0, end) }));
});
const input = fc.record({ note: words, password: words, n: fc.integer(), list: fc.array(words, { maxLength: 2 }) });
const called = fc
  .constantFrom("tool_use", "server_tool_use")
  .chain((type) => input.map((value): Block[] => [{ type, id: "toolu_1", name: "send", input: value }]));
const thought = words.map((thinking): Block[] => [{ type: "thinking", thinking, signature: "c2lnbmVk" }]);
const result = words.map((title): Block[] => [
  {
    type: "web_search_tool_result",
    tool_use_id: "toolu_1",
    content: [{ type: "web_search_result", title, url: "https://x.example", encrypted_content: "YWJj" }],
  },
]);
const cited = words.map((cited_text): Block[] => [
  { type: "text", text: "see", citations: [{ type: "char_location", cited_text, document_index: 0, document_title: null }] },
]);
const content = fc
  .array(fc.oneof({ weight: 4, arbitrary: texts }, called, thought, result, cited), { maxLength: 5 })
  .map((blocks) => blocks.flat());
const reasons = fc.constantFrom("end_turn", "end_turn", "tool_use", "max_tokens", "stop_sequence", "refusal");

async function* read(
  events: ReturnType<typeof messageStream>["events"],
  bytes: Buffer,
  size: number,
): AsyncGenerator<readonly FramedMessage[]> {
  for (let at = 0; at < bytes.length; at += size) {
    let out: FramedMessage[] = [];
    events.push(bytes.subarray(at, at + size), out);
    while (events.paused) {
      yield out;
      out = [];
      events.readOn(out);
    }
    if (out.length > 0) yield out;
  }
  const out: FramedMessage[] = [];
  events.end(out);
  if (out.length > 0) yield out;
}

const maskedStream = async (events: readonly string[], size: number): Promise<string> => {
  const stream = messageStream();
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  let wire = "";
  for await (const batch of maskStream(read(stream.events, Buffer.from(events.join("")), size), stream.codec, { lanes, mustRead: true })) {
    wire += batch.map(wireText).join("");
  }
  return wire;
};

const maskedWhole = (parts: Parameters<typeof messageOf>[0]): unknown => {
  const message = readMessage(JSON.stringify(messageOf(parts)));
  const whole = { spans: answerCodec.spans(message), closings: answerCodec.closes(message) };
  return JSON.parse(
    wireText(
      answerCodec.rewrite(
        message,
        maskSpans(whole, { reader: program, record: program }, () => {}),
      ),
    ),
  );
};

/** The texts of adjacent text blocks, joined. */
const runsOf = (blocks: readonly Block[]): string[] => {
  const runs: string[] = [];
  blocks.forEach(({ type, text }, index) => {
    if (type !== "text") return;
    if (blocks[index - 1]?.type === "text") runs.push(`${runs.pop()}${text}`);
    else runs.push(String(text));
  });
  return runs;
};

/** What the masker makes of each run: the last one is cut where the message was and nothing follows it. */
const maskedRuns = (blocks: readonly Block[], reason: string): string[] => {
  const runs = runsOf(blocks);
  const isCut = reason !== "end_turn" && reason !== "tool_use" && blocks.at(-1)?.type === "text";
  return runs.map((text, index) => program.mask(text, "plain", { complete: !(isCut && index === runs.length - 1) }));
};

const one: Cutter = (text) => piecesOf(text, 1);

describe("a masked message", () => {
  it("reads the same streamed as whole, however it was cut and read", async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        reasons,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (blocks, stop_reason, length, size) => {
          const parts = { content: blocks, stop_reason };
          const wire = await maskedStream(
            messageEvents(parts, (text) => piecesOf(text, length)),
            size,
          );
          expect(wire.endsWith(eventOf("message_stop"))).toBe(true);
          expect(accumulated(wire)).toEqual(maskedWhole(parts));
          expect(runsOf(accumulated(wire).content)).toEqual(maskedRuns(blocks, stop_reason));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("hides a value cut at the boundary of two text blocks, and says the rest in its place", async () => {
    const blocks = [
      { type: "text", text: "write to a.b@exam" },
      { type: "text", text: "ple.com today" },
    ];
    expect(accumulated(await maskedStream(messageEvents({ content: blocks }, one), 50))).toMatchObject({
      content: [
        { type: "text", text: "write to " },
        { type: "text", text: "[EMAIL] today" },
      ],
    });
  });

  it("says what it held before the block ends, where no text follows", async () => {
    const blocks = [
      { type: "text", text: "write to a.b@exam" },
      { type: "tool_use", id: "toolu_1", name: "send", input: {} },
      { type: "text", text: "ple.com today" },
    ];
    const wire = await maskedStream(messageEvents({ content: blocks, stop_reason: "tool_use" }, one), 7);
    expect(accumulated(wire)).toMatchObject({ content: blocks });
  });

  it("masks the beginning of a credential where generation was cut, and not where it came to its end", async () => {
    const said = (stop_reason: string) =>
      maskedStream(messageEvents({ content: [{ type: "text", text: "key AKIAQ3EGRIJ5" }], stop_reason }, one), 30);
    expect(accumulated(await said("max_tokens"))).toMatchObject({ content: [{ text: "key [AWS_KEY]" }] });
    expect(accumulated(await said("end_turn"))).toMatchObject({ content: [{ text: "key AKIAQ3EGRIJ5" }] });
  });

  it("takes another model's block after a refusal for a cut", async () => {
    const blocks = [
      { type: "text", text: "key AKIAQ3EGRIJ5" },
      { type: "fallback", from: { model: "claude-a" }, to: { model: "claude-b" }, trigger: { type: "refusal", category: null } },
      { type: "text", text: " go on" },
    ];
    expect(accumulated(await maskedStream(messageEvents({ content: blocks }, one), 30))).toEqual(maskedWhole({ content: blocks }));
    expect(maskedWhole({ content: blocks })).toMatchObject({ content: [{ text: "key [AWS_KEY]" }, {}, { text: " go on" }] });
  });

  it("holds no end of a block that waits for nothing", () => {
    const { events } = messageStream();
    const out: FramedMessage[] = [];
    const block = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
    for (const event of [...blockEvents({ type: "text", text: "a" }, 0, one), ...blockEvents(block, 1, one)])
      events.push(Buffer.from(event), out);
    while (events.paused) events.readOn(out);
    expect(out.map(wireText).at(-1)).toBe(eventOf("content_block_stop", { index: 1 }));
  });
});
