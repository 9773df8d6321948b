/** The law of InferenceService: the pieces of a streamed answer, joined, are the answer that would have come whole, however the upstream cut it. */

import { create, fromJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GenerateRequestSchema, type GenerateStreamResponse, type Part, Role } from "../../src/gen/weir/v1/inference_pb.ts";
import { generateResponse } from "../../src/inference/chat-answer.ts";
import { generateEvents } from "../../src/inference/chat-events.ts";
import { chatRequest } from "../../src/inference/chat-request.ts";

const words = fc.string({ unit: "grapheme", maxLength: 12 });

interface ToldCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

interface Told {
  readonly reasoning_content: string;
  readonly content: string;
  readonly refusal: string;
  readonly calls: readonly ToldCall[];
  readonly finish_reason: string;
  readonly model: string;
}

const told: fc.Arbitrary<Told> = fc.record({
  reasoning_content: words,
  content: words,
  refusal: words,
  calls: fc.array(fc.record({ id: words, name: fc.string({ minLength: 1, maxLength: 5 }), arguments: words }), { maxLength: 3 }),
  finish_reason: fc.constantFrom("stop", "length", "tool_calls", "content_filter", "something new"),
  model: fc.constantFrom("m", "gpt-4o"),
});

const usage = { prompt_tokens: 7, completion_tokens: 9 };

const wholeOf = ({ calls, finish_reason, model, ...texts }: Told): string =>
  JSON.stringify({
    model,
    usage,
    choices: [
      {
        finish_reason,
        message: {
          ...texts,
          tool_calls: calls.map(({ id, ...called }) => ({ id, type: "function", function: called })),
        },
      },
    ],
  });

/** Cuts between UTF-16 code units, as an upstream may. */
const cut = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));

const callDeltas = (call: ToldCall, index: number, size: number): readonly unknown[] => [
  { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
  ...cut(call.arguments, size).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
];

const eventsOf = ({ calls, finish_reason, model, ...texts }: Told, size: number): readonly string[] => {
  const deltas = [
    ...Object.entries(texts).flatMap(([name, text]) => cut(text, size).map((piece) => ({ [name]: piece }))),
    ...calls.flatMap((call, index) => callDeltas(call, index, size)),
  ];
  const chunks = [
    ...deltas.map((delta) => ({ model, choices: [{ index: 0, delta, finish_reason: null }] })),
    { model, choices: [{ index: 0, delta: {}, finish_reason }] },
    { model, choices: [], usage },
  ];
  return [": hello\n\n", ...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), "data: [DONE]\n\n"];
};

async function* inBatches(events: readonly string[], size: number): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < events.length; at += size) yield events.slice(at, at + size);
}

const collect = async (stream: AsyncIterable<GenerateStreamResponse>): Promise<GenerateStreamResponse["event"][]> => {
  const events: GenerateStreamResponse["event"][] = [];
  for await (const { event } of stream) events.push(event);
  return events;
};

const joined = (events: readonly GenerateStreamResponse["event"][]) => {
  const text = (name: "text" | "refusal" | "reasoning"): string => events.map((event) => (event.case === name ? event.value : "")).join("");
  const calls: ToldCall[] = [];
  for (const event of events) {
    if (event.case !== "toolCall") continue;
    const { index, id, name, arguments: piece } = event.value;
    const begun = calls[index] ?? { id: "", name: "", arguments: "" };
    calls[index] = { id: begun.id + id, name: begun.name + name, arguments: begun.arguments + piece };
  }
  return { text: text("text"), refusal: text("refusal"), reasoning: text("reasoning"), calls };
};

const partsOf = (parts: readonly Part[]) => {
  const text = (name: "text" | "refusal" | "reasoning"): string => parts.map(({ kind }) => (kind.case === name ? kind.value : "")).join("");
  const calls = parts.flatMap(({ kind }) =>
    kind.case === "toolCall" ? [{ id: kind.value.id, name: kind.value.name, arguments: kind.value.arguments }] : [],
  );
  return { text: text("text"), refusal: text("refusal"), reasoning: text("reasoning"), calls };
};

describe("a streamed answer", () => {
  it("joined is the whole one", async () => {
    await fc.assert(
      fc.asyncProperty(told, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), async (answer, size, batch) => {
        const whole = generateResponse(wholeOf(answer));
        const events = await collect(generateEvents(inBatches(eventsOf(answer, size), batch)));
        expect(joined(events)).toEqual(partsOf(whole.message?.parts ?? []));
        const last = events.at(-1);
        expect(last?.case).toBe("finish");
        if (last?.case === "finish") {
          const { model, finishReason, usage } = last.value;
          expect({ model, finishReason, usage }).toEqual({ model: whole.model, finishReason: whole.finishReason, usage: whole.usage });
        }
      }),
    );
  });

  it("that ends early, at whatever event, is no answer", async () => {
    await fc.assert(
      fc.asyncProperty(told, fc.nat(), async (answer, at) => {
        const events = eventsOf(answer, 2);
        const some = events.slice(0, at % events.length);
        await expect(collect(generateEvents(inBatches(some, 1)))).rejects.toMatchObject({ reason: "upstream_invalid" });
      }),
    );
  });
});

describe("a conversation", () => {
  const part = fc.oneof(
    words.map((text) => ({ text })),
    words.map((refusal) => ({ refusal })),
    words.map((reasoning) => ({ reasoning })),
    fc.record({ id: words, name: words, arguments: words }).map((toolCall) => ({ toolCall })),
    fc.record({ toolCallId: words, text: words }).map((toolResult) => ({ toolResult })),
  );
  const message = fc.record({ role: fc.constantFrom(...Object.values(Role)), parts: fc.array(part, { maxLength: 3 }) });

  /** Every text of a request that the upstream is to see. */
  const textsIn = (value: unknown): readonly string[] => {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(textsIn);
  };

  it("becomes a request with every text of it but what the model thought, or is refused by the field at fault", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 3 }), fc.boolean(), (messages, stream) => {
        const request = fromJson(GenerateRequestSchema, { model: "m", messages });
        let json: string;
        try {
          json = chatRequest(request, stream);
        } catch (thrown) {
          expect(thrown).toMatchObject({ reason: "request_invalid", param: expect.stringMatching(/^messages\[\d\]/) });
          return;
        }
        const seen = textsIn(JSON.parse(json)).join("\n");
        for (const { parts } of messages) {
          for (const each of parts) if (!("reasoning" in each)) for (const text of textsIn(each)) expect(seen).toContain(text);
        }
      }),
    );
  });

  it("with a role or a seed that has no reading is refused", () => {
    const request = create(GenerateRequestSchema, { model: "m", options: { seed: 2n ** 60n + 1n } });
    expect(() => chatRequest(request, false)).toThrow(expect.objectContaining({ reason: "request_invalid", param: "options.seed" }));
  });
});
