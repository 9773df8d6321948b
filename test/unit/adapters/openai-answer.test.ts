import { describe, expect, it } from "vitest";
import { readAnswer } from "../../../adapters/openai/answer.ts";
import { operationOf } from "../../../adapters/openai/operations.ts";
import { UpstreamBody } from "../../../adapters/shared/upstream-body.ts";
import { chatStream } from "../../support/upstream.ts";

const kind = operationOf("POST", "/v1/chat/completions");

const read = async (document: unknown, stopSequences = false) => {
  const body = new UpstreamBody({ resume: () => {}, abort: () => {} });
  body.push(Buffer.from(JSON.stringify(document)));
  body.end();
  const head = { status: 200, rawHeaders: ["content-type", "application/json"] };
  const answer = await readAnswer({ ...head, body }, { kind, masked: true, stopSequences });
  if (answer.kind !== "message") throw new Error("a whole answer is no stream");
  return answer;
};

/** The lanes of a whole answer that are said to have been cut. */
const cutLanes = async (choices: readonly unknown[], stopSequences = false): Promise<readonly string[]> => {
  const answer = await read({ id: "chatcmpl-1", choices }, stopSequences);
  const shown = answer.codec.spans(answer.message).map(({ lane }) => lane);
  const closings = answer.codec.closes(answer.message);
  expect(shown).toEqual(expect.arrayContaining(closings.map(({ lane }) => lane)));
  return closings.filter(({ complete }) => !complete).map(({ lane }) => lane);
};

const choice = (index: number, finish_reason: string | null) => ({ index, message: { role: "assistant", content: "text" }, finish_reason });

describe("a whole chat answer", () => {
  it.each(["stop", "tool_calls", "function_call"])("that finished by %s is complete", async (reason) => {
    expect(await cutLanes([choice(0, reason)])).toEqual([]);
  });

  it.each(["length", "content_filter", "another", null])("that finished by %s was cut", async (reason) => {
    expect(await cutLanes([choice(0, reason)])).toEqual(["choices.0.message.content"]);
  });

  it("that finished by stop may have been cut by a sequence that the caller named", async () => {
    expect(await cutLanes([choice(0, "stop")], true)).toEqual(["choices.0.message.content"]);
    expect(await cutLanes([choice(0, "tool_calls")], true)).toEqual([]);
  });

  it("says of each choice by itself whether it was cut, in every text of it", async () => {
    const called = { role: "assistant", content: "text", tool_calls: [{ id: "call_1", function: { name: "f", arguments: "{" } }] };
    expect(await cutLanes([choice(0, "stop"), { index: 1, message: called, finish_reason: "length" }])).toEqual([
      "choices.1.message.content",
      "choices.1.message.tool_calls.0.function.name",
      "choices.1.message.tool_calls.0.function.arguments",
    ]);
  });

  it("shows every string but the API's own words, identifiers as well", async () => {
    const envelope = { id: "chatcmpl-1", object: "chat.completion", model: "gpt-4o", system_fingerprint: "fp_1", service_tier: "default" };
    const { codec, message } = await read({ ...envelope, choices: [choice(0, "stop")], usage: null });
    expect(codec.spans(message).map(({ author, text }) => [author, text])).toEqual([
      ["data", "chatcmpl-1"],
      ["data", "gpt-4o"],
      ["data", "fp_1"],
      ["assistant", "text"],
    ]);
  });
});

describe("a streamed chat answer", () => {
  it("goes on from its first chunk alone, and as it arrives once the core has let its identifiers through", async () => {
    const body = new UpstreamBody({ resume: () => {}, abort: () => {} });
    for (const event of chatStream(["a", "b", "c"])) body.push(Buffer.from(event));
    body.end();
    const head = { status: 200, rawHeaders: ["content-type", "text/event-stream"] };
    const answer = await readAnswer({ ...head, body }, { kind, masked: true, stopSequences: false });
    if (answer.kind !== "stream") throw new Error("a streamed answer is one");
    const shown: string[][] = [];
    for await (const batch of answer.batches) {
      const spans = batch.flatMap((message) => answer.codec.spans(message));
      shown.push(spans.map(({ text }) => text));
      for (const message of batch) {
        const own = answer.codec.spans(message).map(({ text }) => text);
        answer.codec.rewrite(message, own);
      }
    }
    expect(shown).toEqual([
      ["chatcmpl-1", "gpt-4o-mini", ""],
      ["a", "b", "c"],
    ]);
  });
});
