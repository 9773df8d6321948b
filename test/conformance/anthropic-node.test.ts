import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { everything, label, maskedSentence, payload, secret } from "./claude-blocks.ts";
import { type ClaudeGateway, startClaudeGateway, upstreamKey } from "./claude-gateway.ts";
import { listedClaudes } from "./scripted-claude.ts";

let database: TestDatabase;
let gateway: ClaudeGateway;
let client: Anthropic;

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  gateway = await startClaudeGateway(database.address);
  client = new Anthropic({ baseURL: gateway.baseUrl, apiKey: gateway.key });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
});

const user = (content: string): Anthropic.MessageParam[] => [{ role: "user", content }];
const asked = (model: string, content = "hello") => ({ model, max_tokens: 100, messages: user(content) });

/** Streams enough for every cut of the scripted model. */
const times = 12;

const keep = { name: "keep", input_schema: { type: "object" as const, properties: { key: { type: "string" } } } };

/** What was thrown, and how many requests the SDK made of it. */
const failure = async (call: () => Promise<unknown>): Promise<{ readonly thrown: unknown; readonly requests: number }> => {
  const before = gateway.requests();
  const thrown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { thrown, requests: gateway.requests() - before };
};

describe("the Anthropic SDK for Node, with nothing changed but address and key,", () => {
  it("reads a whole message", async () => {
    const answer = await client.messages.create(asked("plain"));
    expect(answer.content).toEqual([{ type: "text", text: maskedSentence, citations: null }]);
    expect(answer.usage).toMatchObject({ input_tokens: 3, output_tokens: 9 });
  });

  it("reads a streamed one, masked although the value arrives in pieces", async () => {
    for (let time = 0; time < times; time++) {
      let text = "";
      for await (const event of await client.messages.create({ ...asked("plain"), stream: true })) {
        if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
      }
      expect(text).toBe(maskedSentence);
    }
  });

  it("reads every kind of block, streamed as whole, and no secret in any", async () => {
    const whole = await client.beta.messages.create(asked("everything"));
    expect(JSON.stringify(whole)).not.toContain(secret);
    expect(JSON.stringify(whole)).toContain(payload);
    expect(whole.content.map(({ type }) => type)).toEqual(everything.map(({ type }) => type));
    for (let time = 0; time < times; time++) {
      const streamed = await client.beta.messages.stream(asked("everything")).finalMessage();
      expect(JSON.parse(JSON.stringify(streamed))).toMatchObject(JSON.parse(JSON.stringify(whole)));
    }
  });

  it("hears every text as it comes", async () => {
    const texts: string[] = [];
    const stream = client.messages.stream(asked("everything")).on("text", (text) => texts.push(text));
    await stream.done();
    expect(texts.join("")).toBe(`${maskedSentence}${maskedSentence} A beginning: ${label}${maskedSentence}`);
  });

  it("masks the beginning of a credential where the answer was cut", async () => {
    expect((await client.messages.stream(asked("cut")).finalMessage()).content).toMatchObject([{ text: `The key is ${label}` }]);
    expect((await client.messages.create(asked("cut"))).content).toMatchObject([{ text: `The key is ${label}` }]);
  });

  it("parses what a schema asked for", async () => {
    const format = zodOutputFormat(z.object({ key: z.string(), city: z.string() }));
    const answer = await client.messages.parse({ ...asked("json"), output_config: { format } });
    expect(answer.parsed_output).toEqual({ key: label, city: "Ghent" });
  });

  it("runs tools with masked input, streamed and whole, to the final message", async () => {
    for (const stream of [false, true]) {
      const inputs: unknown[] = [];
      const tool = betaZodTool({
        name: "keep",
        description: "Keeps a key.",
        inputSchema: z.object({ key: z.string(), city: z.string() }),
        run: (input) => {
          inputs.push(input);
          return "kept";
        },
      });
      const runner = client.beta.messages.toolRunner({ ...asked("tools"), tools: [tool], stream });
      expect((await runner.runUntilDone()).content).toMatchObject([{ text: maskedSentence }]);
      expect(inputs).toEqual([{ key: label, city: "Ghent" }]);
    }
  });

  it("holds conversations without the message threads that the gateway does not offer", async () => {
    const thread = client.beta.messages.thread({ model: "plain", max_tokens: 100, unsupportedRequestBehavior: "continue_unthreaded" });
    expect((await thread.send({ role: "user", content: "hello" })).content).toMatchObject([{ text: maskedSentence }]);
    expect((await thread.send({ role: "user", content: "again" })).content).toMatchObject([{ text: maskedSentence }]);
    expect(gateway.model.calls.some(({ body }) => body.includes("thread"))).toBe(false);
  });

  it("goes through two tool turns with masked thinking", async () => {
    for (const stream of [false, true]) {
      const messages = user("think");
      const thoughts: unknown[] = [];
      for (;;) {
        const ask = { ...asked("thinker"), messages, tools: [keep], thinking: { type: "enabled" as const, budget_tokens: 1024 } };
        const answer = stream ? await client.messages.stream(ask).finalMessage() : await client.messages.create(ask);
        thoughts.push(answer.content[0]);
        messages.push({ role: "assistant", content: answer.content });
        const call = answer.content.find(({ type }) => type === "tool_use");
        if (call?.type !== "tool_use") break;
        messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "kept" }] });
      }
      expect(thoughts).toMatchObject([
        { thinking: maskedSentence, signature: "" },
        { thinking: "nothing to hide", signature: expect.stringMatching(/^.{20,}$/) },
        { thinking: maskedSentence, signature: "" },
      ]);
      expect(messages).toHaveLength(6);
    }
  });

  it("counts tokens", async () => {
    expect(await client.messages.countTokens({ model: "plain", messages: user("hello") })).toMatchObject({ input_tokens: 14 });
  });

  it("lists the models that the caller may use, page by page, and gets one", async () => {
    const names: string[] = [];
    for await (const model of client.models.list({ limit: 1 })) names.push(model.id);
    expect(names).toEqual(listedClaudes);
    expect((await client.models.retrieve("plain")).id).toBe("plain");
  });

  it("never lets the caller's key reach the model", () => {
    expect(new Set(gateway.model.calls.map(({ headers }) => headers["x-api-key"]))).toEqual(new Set([upstreamKey]));
    expect(gateway.model.calls.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });
});

interface Refusal {
  readonly what: string;
  readonly type: abstract new (...args: never[]) => APIError;
  readonly status: number;
  /** The API's own word. */
  readonly says: string;
  readonly code: string | null;
  readonly call: () => Promise<unknown>;
}

const ask = (model: string, content?: string): Promise<unknown> => client.messages.create(asked(model, content));

/** What names no model must name its connection, where there are several. */
const toClaude = { headers: { "weir-connection": "claude" } };

/** Reasons of ARCHITECTURE.md 1.5 that a retry cannot mend, and upstream errors that the SDK does not retry. */
const refusals: readonly Refusal[] = [
  {
    what: "a wrong key",
    type: AuthenticationError,
    status: 401,
    says: "authentication_error",
    code: "credential_invalid",
    call: () => client.withOptions({ apiKey: `weir_${"0".repeat(64)}` }).models.list(),
  },
  {
    what: "a denied prompt",
    type: PermissionDeniedError,
    status: 403,
    says: "permission_error",
    code: "prompt_blocked",
    call: () => ask("plain", "Open Sesame"),
  },
  {
    what: "a model that no policy allows",
    type: PermissionDeniedError,
    status: 403,
    says: "permission_error",
    code: "access_denied",
    call: () => ask("forbidden"),
  },
  {
    what: "a tool that the API would run and no policy names",
    type: PermissionDeniedError,
    status: 403,
    says: "permission_error",
    code: "access_denied",
    call: () => client.messages.create({ ...asked("plain"), tools: [{ type: "web_search_20250305", name: "web_search" }] }),
  },
  {
    what: "a request without a model",
    type: BadRequestError,
    status: 400,
    says: "invalid_request_error",
    code: "request_invalid",
    call: () => client.post("/v1/messages", { body: { messages: user("hello") } }),
  },
  {
    what: "a batch that no policy names",
    type: PermissionDeniedError,
    status: 403,
    says: "permission_error",
    code: "access_denied",
    call: () => client.messages.batches.create({ requests: [{ custom_id: "1", params: asked("plain") }] }, toClaude),
  },
  {
    what: "an upstream that refuses our credential",
    type: InternalServerError,
    status: 502,
    says: "api_error",
    code: "upstream_invalid",
    call: () => ask("locked"),
  },
  {
    what: "an upstream that answers HTML",
    type: InternalServerError,
    status: 502,
    says: "api_error",
    code: "upstream_invalid",
    call: () => ask("html"),
  },
  {
    what: "an upstream's own 400",
    type: BadRequestError,
    status: 400,
    says: "invalid_request_error",
    code: null,
    call: () => ask("strict"),
  },
];

/** Reasons that may pass by themselves: the SDK's default is two retries. */
const retried: readonly Refusal[] = [
  {
    what: "an upstream that is not there",
    type: InternalServerError,
    status: 503,
    says: "api_error",
    code: "upstream_unavailable",
    call: () => ask("gone"),
  },
  {
    what: "an upstream that hangs",
    type: InternalServerError,
    status: 504,
    says: "timeout_error",
    code: "upstream_timeout",
    call: () => ask("hangs"),
  },
  { what: "an upstream's own 429", type: RateLimitError, status: 429, says: "rate_limit_error", code: null, call: () => ask("busy") },
  { what: "an upstream's own 500", type: InternalServerError, status: 500, says: "api_error", code: null, call: () => ask("broken") },
  {
    what: "an upstream's own 529",
    type: InternalServerError,
    status: 529,
    says: "overloaded_error",
    code: null,
    call: () => ask("overloaded"),
  },
];

const attempts = 3;

const expectTyped = (thrown: unknown, { type, status, says, code }: Refusal): void => {
  expect(thrown).toBeInstanceOf(type);
  if (!(thrown instanceof APIError)) return;
  expect(thrown).toMatchObject({ status, type: says, errorCode: code });
  expect(thrown.message).not.toContain(secret);
  expect(JSON.stringify(thrown.error)).not.toContain(secret);
};

describe("the Anthropic SDK for Node raises its own exception", () => {
  it.each(refusals)("for $what ($says), after one request", async (refusal) => {
    const { thrown, requests } = await failure(refusal.call);
    expectTyped(thrown, refusal);
    expect(requests).toBe(1);
  });

  it.each(retried)("for $what ($says), after its retries", async (refusal) => {
    const { thrown, requests } = await failure(refusal.call);
    expectTyped(thrown, refusal);
    expect(requests).toBe(attempts);
  });

  it("for what is not there", async () => {
    const { thrown, requests } = await failure(() => client.post("/v1/messages/nothing/here", { body: {} }));
    expect(thrown).toBeInstanceOf(NotFoundError);
    expect(thrown).toMatchObject({ type: "not_found_error", errorCode: "target_unknown" });
    expect(requests).toBe(1);
  });

  it("when the upstream dies in the middle of a stream, instead of taking half an answer for a whole one", async () => {
    const { thrown, requests } = await failure(() => client.messages.stream(asked("dies")).finalMessage());
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ type: "api_error", errorCode: "upstream_unavailable" });
    expect(requests).toBe(1);
  });

  it("when the upstream says in the middle of a stream that it failed, with what it says masked", async () => {
    const { thrown } = await failure(() => client.messages.stream(asked("fails")).finalMessage());
    expect(thrown).toMatchObject({ type: "overloaded_error", apiMessage: maskedSentence });
  });
});
