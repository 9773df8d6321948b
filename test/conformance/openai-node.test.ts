import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { listedModels, maskedSentence, secret } from "./scripted-model.ts";
import { type SdkGateway, startSdkGateway, upstreamKey } from "./sdk-gateway.ts";

let database: TestDatabase;
let gateway: SdkGateway;
let client: OpenAI;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  gateway = await startSdkGateway(database.address);
  client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
});

const user = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: "user", content }];

const ask = (model: string, content = "hello"): Promise<OpenAI.ChatCompletion> =>
  client.chat.completions.create({ model, messages: user(content) });

const argumentsSchema = z.object({ key: z.string(), city: z.string() });

/** What was thrown, and how many requests the SDK made of it. */
const failure = async (call: () => Promise<unknown>): Promise<{ readonly thrown: unknown; readonly requests: number }> => {
  const before = gateway.requests();
  const thrown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { thrown, requests: gateway.requests() - before };
};

describe("the OpenAI SDK for Node, with nothing changed but address and key,", () => {
  it("reads a whole chat completion", async () => {
    const answer = await ask("plain");
    expect(answer.choices[0]?.message.content).toBe(maskedSentence);
    expect(answer.usage?.total_tokens).toBe(12);
  });

  it("reads a streamed one, masked although the value arrives in pieces", async () => {
    const stream = await client.chat.completions.create({ model: "plain", messages: user("hello"), stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(maskedSentence);
  });

  it("reads a stream through its helper, to the final completion", async () => {
    const stream = client.chat.completions.stream({ model: "plain", messages: user("hello"), stream_options: { include_usage: true } });
    expect(await stream.finalContent()).toBe(maskedSentence);
    expect((await stream.totalUsage()).total_tokens).toBe(12);
  });

  it("reads a tool call whose masked arguments are still JSON", async () => {
    const call = (await ask("tools")).choices[0]?.message.tool_calls?.[0];
    const read = call?.type === "function" ? argumentsSchema.parse(JSON.parse(call.function.arguments)) : undefined;
    expect(read?.city).toBe("Ghent");
    expect(read?.key).not.toContain(secret);
  });

  it("reads a streamed tool call whose masked arguments are still JSON", async () => {
    const stream = await client.chat.completions.create({ model: "tools", messages: user("hello"), stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
    const read = argumentsSchema.parse(JSON.parse(text));
    expect(read.city).toBe("Ghent");
    expect(read.key).not.toContain(secret);
  });

  it("reads embeddings", async () => {
    const answer = await client.embeddings.create({ model: "embedder", input: "hello", encoding_format: "float" });
    expect(answer.data[0]?.embedding).toEqual([0.25, -0.5, 0.125]);
  });

  it("lists the models that the caller may use", async () => {
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names.toSorted()).toEqual([...listedModels].toSorted());
  });

  it("never lets the caller's key reach the model", () => {
    expect(new Set(gateway.model.calls.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${upstreamKey}`]));
  });
});

interface Refusal {
  readonly what: string;
  readonly type: abstract new (...args: never[]) => APIError;
  readonly status: number;
  readonly code: string;
  readonly call: () => Promise<unknown>;
}

/** Reasons of ARCHITECTURE.md 1.5 that a retry cannot mend, and upstream errors that the SDK does not retry. */
const refusals: readonly Refusal[] = [
  {
    what: "a wrong key",
    type: AuthenticationError,
    status: 401,
    code: "credential_invalid",
    call: () => client.withOptions({ apiKey: `weir_${"0".repeat(64)}` }).models.list(),
  },
  { what: "a denied prompt", type: PermissionDeniedError, status: 403, code: "prompt_blocked", call: () => ask("plain", "Open Sesame") },
  {
    what: "a prompt over the limit",
    type: PermissionDeniedError,
    status: 403,
    code: "prompt_blocked",
    call: () => ask("plain", "word ".repeat(3000)),
  },
  { what: "a model that no policy allows", type: PermissionDeniedError, status: 403, code: "access_denied", call: () => ask("forbidden") },
  {
    what: "an approval that nobody decided on in time",
    type: PermissionDeniedError,
    status: 403,
    code: "approval_expired",
    call: () => ask("reviewed"),
  },
  {
    what: "a request without a model",
    type: BadRequestError,
    status: 400,
    code: "request_invalid",
    call: () => client.post("/chat/completions", { body: { messages: user("hello") } }),
  },
  {
    what: "a path that is not there",
    type: NotFoundError,
    status: 404,
    code: "target_unknown",
    call: () => client.post("/nothing/here", { body: {} }),
  },
  {
    what: "a body over the limit",
    type: APIError,
    status: 413,
    code: "request_too_large",
    call: () => ask("plain", "x".repeat(40_000_000)),
  },
  {
    what: "an upstream that refuses our credential",
    type: InternalServerError,
    status: 502,
    code: "upstream_invalid",
    call: () => ask("locked"),
  },
  { what: "an upstream that answers HTML", type: InternalServerError, status: 502, code: "upstream_invalid", call: () => ask("html") },
  { what: "an upstream's own 422", type: UnprocessableEntityError, status: 422, code: "unprocessable", call: () => ask("strict") },
];

/** Reasons that may pass by themselves: the SDK's default is two retries. */
const retried: readonly Refusal[] = [
  { what: "an upstream that is not there", type: InternalServerError, status: 503, code: "upstream_unavailable", call: () => ask("gone") },
  { what: "an upstream that hangs", type: InternalServerError, status: 504, code: "upstream_timeout", call: () => ask("hangs") },
  { what: "an upstream's own 429", type: RateLimitError, status: 429, code: "rate_limit_exceeded", call: () => ask("busy") },
  { what: "an upstream's own 500", type: InternalServerError, status: 500, code: "server_error", call: () => ask("broken") },
];

const attempts = 3;

const expectTyped = (thrown: unknown, { type, status, code }: Refusal): void => {
  expect(thrown).toBeInstanceOf(type);
  if (!(thrown instanceof APIError)) return;
  expect(thrown).toMatchObject({ status, code });
  expect(thrown.requestID).toBeTruthy();
  expect(thrown.message).not.toContain(secret);
};

describe("the OpenAI SDK for Node raises its own exception", () => {
  it.each(refusals)("for $what ($code), after one request", async (refusal) => {
    const { thrown, requests } = await failure(refusal.call);
    expectTyped(thrown, refusal);
    expect(requests).toBe(1);
  });

  it.each(retried)("for $what ($code), after its retries", async (refusal) => {
    const { thrown, requests } = await failure(refusal.call);
    expectTyped(thrown, refusal);
    expect(requests).toBe(attempts);
  });

  it("when the upstream dies in the middle of a stream, instead of taking half an answer for a whole one", async () => {
    const { thrown, requests } = await failure(async () => {
      const stream = await client.chat.completions.create({ model: "dies", messages: user("hello"), stream: true });
      for await (const chunk of stream) expect(chunk.object).toBe("chat.completion.chunk");
    });
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ code: "upstream_unavailable" });
    expect(requests).toBe(1);
  });
});
