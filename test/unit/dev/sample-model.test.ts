import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SampleModel, startSampleModel } from "../../../src/dev/model/index.ts";

let model: SampleModel;
let client: OpenAI;

beforeAll(async () => {
  model = await startSampleModel({ pace: { from: 0, to: 0 } });
  client = new OpenAI({ baseURL: model.url, apiKey: "any", maxRetries: 0 });
});
afterAll(() => model.close());

const ask = { model: "sample", messages: [{ role: "user" as const, content: "Tell me about tarragon" }] };
const tool = {
  type: "function" as const,
  function: { name: "send", parameters: { type: "object", properties: { to: { type: "string" }, note: { type: "string" } } } },
};

describe("the sample model, to the official client,", () => {
  it("answers with lively text that holds secrets and the caller's own words", async () => {
    const { choices, usage } = await client.chat.completions.create(ask);
    expect(choices[0]?.message.content).toMatch(/tarragon[\s\S]*@[\s\S]*AKIA[A-Z2-7]{16}|tarragon[\s\S]*ghp_\w{36}/);
    expect(choices[0]?.finish_reason).toBe("stop");
    expect(usage?.completion_tokens).toBeGreaterThan(50);
  });

  it("streams in pieces that cut secrets apart, and reports usage when asked", async () => {
    const stream = await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
    const pieces: string[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? "");
      usage = chunk.usage ?? usage;
    }
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(6);
    expect(pieces.join("")).toContain("tarragon");
    expect(usage).toMatchObject({ prompt_tokens: 6 });
  });

  it("interleaves several choices", async () => {
    const stream = await client.chat.completions.create({ ...ask, n: 3, stream: true });
    const finished = new Set<number>();
    for await (const { choices } of stream) for (const { index, finish_reason } of choices) if (finish_reason !== null) finished.add(index);
    expect([...finished].sort()).toEqual([0, 1, 2]);
  });

  it("calls a tool with arguments that are JSON, streamed or not, and then answers with words", async () => {
    const { choices } = await client.chat.completions.create({ ...ask, tools: [tool] });
    const call = choices[0]?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("no tool was called");
    expect(Object.keys(JSON.parse(call.function.arguments) as object)).toEqual(["to", "note"]);
    const runner = client.chat.completions.stream({ ...ask, tools: [tool] });
    const streamed = (await runner.finalChatCompletion()).choices[0]?.message.tool_calls?.[0];
    expect(JSON.parse(streamed?.function.arguments ?? "")).toHaveProperty("to");
    const result = { role: "tool" as const, tool_call_id: call.id, content: "sent" };
    const after = await client.chat.completions.create({
      ...ask,
      messages: [...ask.messages, { role: "assistant", tool_calls: [call] }, result],
      tools: [tool],
    });
    expect(after.choices[0]?.finish_reason).toBe("stop");
  });

  it("says when its answer was cut", async () => {
    const { choices } = await client.chat.completions.create({ ...ask, max_completion_tokens: 5 });
    expect(choices[0]).toMatchObject({ finish_reason: "length" });
  });

  it("embeds equal inputs equally, in both encodings", async () => {
    const { data } = await client.embeddings.create({ model: "sample-embedding", input: ["a", "b", "a"], dimensions: 8 });
    const floats = await client.embeddings.create({ model: "sample-embedding", input: "a", dimensions: 8, encoding_format: "float" });
    expect(data[0]?.embedding).toEqual(data[2]?.embedding);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    floats.data[0]?.embedding.forEach((value, index) => {
      expect(value).toBeCloseTo(data[0]?.embedding[index] ?? Number.NaN, 6);
    });
  });

  it("lists its models", async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["sample", "sample-reasoning", "sample-embedding"]);
  });

  it("refuses what it does not know with the client's own exceptions", async () => {
    await expect(client.chat.completions.create({ ...ask, model: "gpt-9" })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.chat.completions.create({ ...ask, messages: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(client.files.list()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
