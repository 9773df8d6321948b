import OpenAI, { AzureOpenAI, BadRequestError, NotFoundError, PermissionDeniedError } from "openai";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { responseEvents } from "../../adapters/openai/responses/events.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { maskedSentence, secret } from "./scripted-model.ts";
import { type SdkGateway, startSdkGateway } from "./sdk-gateway.ts";

let database: TestDatabase;
let gateway: SdkGateway;
let client: OpenAI;
let colleague: OpenAI;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  gateway = await startSdkGateway(database.address);
  client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 });
  colleague = client.withOptions({ apiKey: gateway.colleagueKey });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
});

const ask = (model = "plain"): Promise<Response> => client.responses.create({ model, input: "hello" });

/** What differs from answer to answer. */
const unnamed = (answer: object): Readonly<Record<string, unknown>> => {
  const { id: _id, ...rest } = z.looseObject({ id: z.string() }).parse(answer);
  return rest;
};

const streamed = async (model: string): Promise<ResponseStreamEvent[]> => {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create({ model, input: "hello", stream: true })) events.push(event);
  return events;
};

/** What deltas spell, by the kind of text. */
const spelled = (events: readonly ResponseStreamEvent[]): string => {
  const texts = new Map<string, string>();
  for (const event of events) {
    if ("delta" in event && typeof event.delta === "string") texts.set(event.type, (texts.get(event.type) ?? "") + event.delta);
  }
  return [...texts.values()].join("\n");
};

const answerSchema = z.object({ key: z.string(), city: z.string() });

describe("the Responses API through the OpenAI SDK for Node", () => {
  it("answers whole, with the secret in no text of any item", async () => {
    const answer = await ask();
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect(answer.output_text).toContain(maskedSentence);
    expect(answer.output).toHaveLength(13);
  });

  it.each(["plain", "incomplete", "failed", "cancelled", "error"])(
    "streams %s with the secret in no event and no text put together",
    async (model) => {
      const events = await streamed(model);
      expect(JSON.stringify(events)).not.toContain(secret);
      expect(spelled(events)).not.toContain(secret);
    },
  );

  it("streams every event type that the API describes", async () => {
    const seen = new Set(
      (await Promise.all(["plain", "incomplete", "failed", "cancelled", "error"].map(streamed))).flat().map(({ type }) => type as string),
    );
    /** Names that the API had before, or has for itself alone. */
    const others = [
      "response.reasoning.delta",
      "response.reasoning.done",
      "response.reasoning_summary.delta",
      "response.reasoning_summary.done",
      "keepalive",
    ];
    expect(
      Object.keys(responseEvents)
        .filter((type) => !seen.has(type))
        .toSorted(),
    ).toEqual(others.toSorted());
  });

  it("ends a stream with what the whole answer says, put together by the SDK's helper as well", async () => {
    const whole = unnamed(await ask());
    const { output_text: text, ...wire } = whole;
    const last = (await streamed("plain")).at(-1);
    expect(last?.type === "response.completed" ? unnamed(last.response) : last).toEqual(wire);
    const helped = await client.responses.stream({ model: "plain", input: "hello" }).finalResponse();
    expect(JSON.parse(JSON.stringify(unnamed(helped)))).toMatchObject({
      status: "completed",
      output_text: Reflect.get(whole, "output_text"),
    });
  });

  it("parses structured outputs and tools, masked and still valid, whole and streamed", async () => {
    const text = { format: zodTextFormat(answerSchema, "answer") };
    const tools = [zodResponsesFunction({ name: "weather", parameters: answerSchema })];
    const parsed = await client.responses.parse({ model: "structured", input: "hello", text });
    expect(parsed.output_parsed).toEqual({ key: "[AWS_ACCESS_KEY_ID]", city: "Ghent" });
    const final = await client.responses.stream({ model: "structured", input: "hello", text }).finalResponse();
    expect(final.output_parsed).toEqual(parsed.output_parsed);
    const called = await client.responses.stream({ model: "plain", input: "hello", tools }).finalResponse();
    const call = called.output.find(({ type }) => type === "function_call");
    expect(call).toMatchObject({ parsed_arguments: { key: "[AWS_ACCESS_KEY_ID]", city: "Ghent" } });
  });

  it("keeps stored responses to whoever made them", async () => {
    const { id } = await ask();
    expect((await client.responses.retrieve(id)).output_text).toContain(maskedSentence);
    expect(JSON.stringify(await client.responses.inputItems.list(id))).toContain(maskedSentence);
    for (const call of [
      () => colleague.responses.retrieve(id),
      () => colleague.responses.delete(id),
      () => colleague.responses.create({ model: "plain", input: "more", previous_response_id: id }),
      () => client.responses.retrieve("resp_unknown"),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(NotFoundError);
    }
    expect((await client.responses.create({ model: "plain", input: "more", previous_response_id: id })).status).toBe("completed");
    await expect(client.responses.cancel(id)).rejects.toBeInstanceOf(PermissionDeniedError);
    await client.responses.delete(id);
  });

  it("keeps those made by streams as well", async () => {
    const [created] = await streamed("plain");
    const id = created?.type === "response.created" ? created.response.id : "";
    expect((await client.responses.retrieve(id)).id).toBe(id);
    await expect(colleague.responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
  });

  it("refuses what no policy names: tools that the provider runs, remote files, stored prompts, other operations", async () => {
    const base = { model: "plain", input: "hello" } as const;
    for (const call of [
      () => client.responses.create({ ...base, tools: [{ type: "mcp", server_label: "s", server_url: "https://mcp.example.com" }] }),
      () => client.responses.create({ ...base, tools: [{ type: "code_interpreter", container: { type: "auto" } }] }),
      () =>
        client.responses.create({
          ...base,
          input: [{ role: "user", content: [{ type: "input_file", file_url: "https://example.com/a.pdf" }] }],
        }),
      () => client.responses.create({ ...base, prompt: { id: "pmpt_1" } }),
      () => client.images.generate({ model: "plain", prompt: "a cat" }),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(PermissionDeniedError);
    }
  });

  it("reads prompts in items as in chat", async () => {
    const call = client.responses.create({
      model: "plain",
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "Open" },
            { type: "input_text", text: " Sesame" },
          ],
        },
      ],
    });
    await expect(call).rejects.toMatchObject({ code: "prompt_blocked" });
  });

  it("serves streams from their beginning only", async () => {
    const { id } = await ask();
    await expect(client.responses.retrieve(id, { stream: true, starting_after: 3 })).rejects.toBeInstanceOf(BadRequestError);
  });
});

describe("the other operations through the OpenAI SDK for Node", () => {
  it("complete legacy prompts, several at once, whole and streamed", async () => {
    const whole = await client.completions.create({ model: "plain", prompt: "hello", n: 2, logprobs: 1 });
    expect(whole.choices.map(({ text }) => text)).toEqual([maskedSentence, maskedSentence]);
    expect(JSON.stringify(whole)).not.toContain(secret);
    const said = ["", ""];
    for await (const { choices } of await client.completions.create({ model: "plain", prompt: "hello", n: 2, stream: true })) {
      for (const { index, text } of choices) said[index] += text;
    }
    expect(said).toEqual([maskedSentence, maskedSentence]);
  });

  it("cannot read a prompt of token ids", async () => {
    await expect(client.completions.create({ model: "plain", prompt: [1, 2, 3] })).rejects.toMatchObject({ code: "content_unreadable" });
  });

  it("moderate, and embed in base64 as the SDK asks by itself", async () => {
    expect((await client.moderations.create({ model: "plain", input: "hello" })).results[0]?.flagged).toBe(false);
    const answer = await client.embeddings.create({ model: "embedder", input: "hello" });
    expect(answer.data[0]?.embedding).toEqual([0.25, -0.5, 0.125]);
  });

  it("take Azure's shape and key header", async () => {
    const azure = new AzureOpenAI({
      endpoint: new URL("/", gateway.baseUrl).href,
      apiKey: gateway.key,
      apiVersion: "2024-10-21",
      deployment: "plain",
      maxRetries: 0,
    });
    const answer = await azure.chat.completions.create({ model: "plain", messages: [{ role: "user", content: "hello" }] });
    expect(answer.choices[0]?.message.content).toBe(maskedSentence);
  });
});
