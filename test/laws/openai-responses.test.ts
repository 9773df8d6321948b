/** Responses streams through the codec, the core's loop and a real masker: every copy of a text says the same, and what the unary answer says. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAnswer } from "../../adapters/openai/answer.ts";
import { operationOf } from "../../adapters/openai/operations.ts";
import { ResponsesGrammar } from "../../adapters/openai/responses/grammar.ts";
import { EventStream } from "../../adapters/shared/events/index.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { UpstreamBody } from "../../adapters/shared/upstream-body.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskedMessage, maskedStream, readsOf } from "../support/masked-answers.ts";
import { eventsOf, type Item, type Part, type WholeResponse, wireEvent } from "../support/responses-stream.ts";
import { messageLaws, streamLaws } from "./codec-laws.ts";

const program = compile(
  [
    { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
    { name: "ssn", pattern: "\\b\\d{3}-\\d{2}-\\d{4}\\b" },
    { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
  ],
  laneOptions(),
);
const secrets = ["a.b@example.com", "536-22-8741", "AKIAQ3EGRIJ5KZT7XW2M"];

const words = fc
  .array(fc.constantFrom(...secrets, ...secrets, "hello ", "x", " ", '"', "\\", "\n", "😀", "12-", "AKIA", "AKIAQ3EG"), { maxLength: 8 })
  .map((parts) => parts.join(""));

const part = (type: string, member: string): fc.Arbitrary<Part> =>
  words.map((text) => ({ type, [member]: text, ...(type === "output_text" ? { annotations: [], logprobs: [] } : {}) }));

const status = fc.constantFrom("completed", "completed", "incomplete");
const message = fc.record({
  type: fc.constant("message"),
  id: fc.constantFrom("msg_1", "msg_2"),
  role: fc.constant("assistant"),
  status,
  content: fc.array(fc.oneof(part("output_text", "text"), part("refusal", "refusal")), { minLength: 1, maxLength: 3 }),
});
const reasoning = fc.record(
  {
    type: fc.constant("reasoning"),
    id: fc.constant("rs_1"),
    status,
    summary: fc.array(part("summary_text", "text"), { maxLength: 2 }),
    content: fc.array(part("reasoning_text", "text"), { maxLength: 2 }),
  },
  { requiredKeys: ["type", "id", "summary"] },
);
const call = fc.record({
  type: fc.constant("function_call"),
  id: fc.constant("fc_1"),
  call_id: fc.constant("call_1"),
  status,
  name: fc.constant("look_up"),
  arguments: words.map((text) => JSON.stringify({ note: text, n: 12 })),
});
const custom = fc.record({
  type: fc.constant("custom_tool_call"),
  id: fc.constant("ct_1"),
  status,
  name: fc.constant("run"),
  input: words,
});
const item: fc.Arbitrary<Item> = fc.oneof(message, message, reasoning, call, custom);

const response: fc.Arbitrary<WholeResponse> = fc
  .record({ status: fc.constantFrom("completed", "completed", "incomplete"), output: fc.array(item, { maxLength: 4 }) })
  .map(({ status: ended, output }) => ({
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    status: ended,
    error: null,
    incomplete_details: ended === "incomplete" ? { reason: "max_output_tokens" } : null,
    model: "gpt-5",
    output,
    usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 },
  }));

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
const cutBy = (lengths: readonly number[]) => (text: string) => {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
};

const unary = async (document: unknown): Promise<unknown> => {
  const body = new UpstreamBody({ resume: () => {}, abort: () => {} });
  body.push(Buffer.from(JSON.stringify(document)));
  body.end();
  const kind = operationOf("POST", "/v1/responses");
  const answer = await readAnswer(
    { status: 200, rawHeaders: ["content-type", "application/json"], body },
    { kind, masked: true, stopSequences: false },
  );
  if (answer.kind !== "message") throw new Error("a whole answer is no stream");
  return JSON.parse(wireText(maskedMessage(answer.message, answer.codec, program)));
};

interface Told {
  readonly type: string;
  readonly output_index: number;
  readonly content_index?: number;
  readonly summary_index?: number;
  readonly delta?: string;
  readonly [member: string]: unknown;
}

const toldOf = (wire: string): Told[] =>
  wire
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => JSON.parse(event.slice(event.indexOf("data: ") + "data: ".length)));

/** What a client has put together of each text by the time that it is told that the text is done: deltas beside copy. */
const copies = (told: readonly Told[]): { readonly said: string; readonly repeated: unknown }[] => {
  const said = new Map<string, string>();
  const pairs: { said: string; repeated: unknown }[] = [];
  for (const event of told) {
    const { type, output_index, content_index, summary_index, delta } = event;
    const key = `${type.replace(/\.(delta|done)$/, "")} ${output_index} ${content_index} ${summary_index}`;
    if (type.endsWith(".delta")) said.set(key, (said.get(key) ?? "") + delta);
    const repeated = event.text ?? event.refusal ?? event.arguments ?? event.input;
    if (type.endsWith(".done") && repeated !== undefined) pairs.push({ said: said.get(key) ?? "", repeated });
  }
  return pairs;
};

describe("a masked Responses stream", () => {
  it("ends with what the unary answer says, and every copy before it says the same, however it was cut and read", async () => {
    await fc.assert(
      fc.asyncProperty(response, sizes, fc.integer({ min: 1, max: 4_000 }), async (whole, lengths, size) => {
        const wire = eventsOf(whole, cutBy(lengths)).map(wireEvent).join("");
        const masked = await maskedStream(new ResponsesGrammar(), readsOf(wire, size), program);
        const told = toldOf(masked);
        const expected = await unary(whole);
        expect(told.at(-1)?.response).toEqual(expected);
        for (const { said, repeated } of copies(told)) expect(said).toBe(repeated);
        const items = told.filter(({ type }) => type === "response.output_item.done").map((event) => event.item);
        expect(items).toEqual((expected as WholeResponse).output);
        const parts = told.filter(({ type }) => type === "response.content_part.done").map((event) => event.part);
        const last = (expected as WholeResponse).output.flatMap(({ content }) => content ?? []);
        expect(parts).toEqual(last);
      }),
      { numRuns: 200 },
    );
  });

  it("goes through byte for byte where nothing is masked, and with the same events where nothing matches", async () => {
    await fc.assert(
      fc.asyncProperty(response, sizes, fc.integer({ min: 1, max: 4_000 }), async (whole, lengths, size) => {
        const wire = eventsOf(whole, cutBy(lengths)).map(wireEvent).join("");
        expect(await maskedStream(new ResponsesGrammar(), readsOf(wire, size), undefined)).toBe(wire);
      }),
    );
  });
});

const read = (wire: string): { stream: EventStream; messages: FramedMessage[] } => {
  const stream = new EventStream({ grammar: new ResponsesGrammar(), masked: true });
  const messages: FramedMessage[] = [];
  stream.push(Buffer.from(wire), messages);
  stream.end(messages);
  return { stream, messages };
};

const streams = fc.tuple(response, sizes, fc.boolean()).map(([whole, lengths, broken]) => {
  const events = eventsOf(whole, cutBy(lengths)).map(wireEvent);
  if (!broken) return read(events.join(""));
  const stream = new EventStream({ grammar: new ResponsesGrammar(), masked: true });
  const messages: FramedMessage[] = [];
  stream.push(Buffer.from(events.slice(0, Math.ceil(events.length / 2)).join("")), messages);
  return { stream, messages };
});

streamLaws({ name: "OpenAI Responses", streams: streams.map(({ messages, stream }) => ({ messages, codec: stream.codec })) });

const dataOf = (wire: string): unknown => JSON.parse(wire.slice(wire.indexOf("data: ") + "data: ".length));
const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((node, key) => (typeof node === "object" && node !== null ? Reflect.get(node, key) : undefined), value);

messageLaws({
  name: "OpenAI Responses events",
  messages: fc
    .tuple(streams, fc.nat())
    .filter(([{ messages }]) => messages.length > 0)
    .map(([{ messages, stream }, pick]) => ({ message: messages[pick % messages.length] as FramedMessage, codec: stream.codec })),
  wire: wireText,
  textAt: (wire, path) => at(dataOf(wire), path),
  without: (wire, [path = []]) => {
    const copy = structuredClone(dataOf(wire));
    const parent = at(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (typeof parent === "object" && parent !== null && last !== undefined) Reflect.set(parent, last, null);
    return copy;
  },
});
