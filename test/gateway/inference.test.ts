import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FinishReason, type GenerateStreamResponse, InferenceService, Role, ToolChoiceMode } from "../../src/gen/weir/v1/inference_pb.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { onlyPending } from "../support/held/only-pending.ts";
import { reviewingAt } from "../support/held/reviewing.ts";
import { chatAnswer, chatStream, chunkOf, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const key = newKey();
const reviewerKey = newKey();
/** Made up, of the form of a real one. */
const secret = `ghp_${"x7Kq2mPv9sLd4wTz8bNf1cHj6gRy3eAu5oQi"}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { reviewer: [security] }
identities:
  - { name: tester, groups: [testers], apiKey: "\${env:TEST_KEY}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER_KEY}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1", timeouts: { firstByte: 2s } }
  - { name: files, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }
policies:
  - name: testers
    match: { groups: [testers] }
    effect: allow
    prompts: { deny: ["(?i)open sesame"] }
    approval: { when: { keywords: [export] }, reviewers: { groups: [security] } }
    mask: { request: [credentials], response: [credentials] }
`,
    env: { TEST_KEY: key, REVIEWER_KEY: reviewerKey },
    database: database.address,
  });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
  await upstream.close();
});

const protocols = ["connect over HTTP/1.1", "connect over HTTP/2", "connect as JSON", "gRPC", "gRPC-Web"] as const;

const transportOf = (protocol: (typeof protocols)[number]): Transport => {
  const baseUrl = gateway.url;
  switch (protocol) {
    case "connect over HTTP/1.1":
      return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true });
    case "connect over HTTP/2":
      return createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true });
    case "connect as JSON":
      return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false });
    case "gRPC":
      return createGrpcTransport({ baseUrl });
    case "gRPC-Web":
      return createGrpcWebTransport({ baseUrl, httpVersion: "1.1" });
  }
};

const signedIn = { authorization: `Bearer ${key}` };
const asking = (text: string) => ({
  model: "gpt-4o-mini",
  messages: [{ role: Role.USER, parts: [{ kind: { case: "text" as const, value: text } }] }],
});
const textOf = (events: readonly GenerateStreamResponse[]): string =>
  events.map(({ event }) => (event.case === "text" ? event.value : "")).join("");

const failureOf = async (attempt: Promise<unknown>): Promise<ConnectError> => {
  try {
    await attempt;
  } catch (thrown) {
    return ConnectError.from(thrown);
  }
  throw new Error("it did not fail");
};

const collect = async (stream: AsyncIterable<GenerateStreamResponse>): Promise<GenerateStreamResponse[]> => {
  const events: GenerateStreamResponse[] = [];
  for await (const event of stream) events.push(event);
  return events;
};

/** The last request of the upstream, read. */
const asked = (): unknown => JSON.parse(upstream.calls.at(-1)?.body.toString() ?? "");

describe.each(protocols)("InferenceService by %s", (protocol) => {
  let client: Client<typeof InferenceService>;
  beforeAll(() => {
    client = createClient(InferenceService, transportOf(protocol));
  });

  it("generates an answer, masked both ways", async () => {
    upstream.script = json(chatAnswer(`the key is ${secret}.`));
    const { model, message, finishReason, usage } = await client.generate(asking(`mine is ${secret}`), { headers: signedIn });
    expect(message?.parts.map(({ kind }) => kind)).toEqual([{ case: "text", value: "the key is [GITHUB_TOKEN]." }]);
    expect([model, message?.role, finishReason]).toEqual(["gpt-4o-mini", Role.ASSISTANT, FinishReason.STOP]);
    expect([usage?.inputTokens, usage?.outputTokens]).toEqual([3n, 5n]);
    expect(asked()).toEqual({ model: "gpt-4o-mini", messages: [{ role: "user", content: "mine is [GITHUB_TOKEN]" }] });
  });

  it("streams an answer whose secret comes in single characters, masked", async () => {
    upstream.script = pieces(chatStream([..."the key is ", ...secret, ..."."]));
    const events = await collect(client.generateStream({ request: asking("which?") }, { headers: signedIn }));
    expect(textOf(events)).toBe("the key is [GITHUB_TOKEN].");
    expect(events.at(-1)?.event).toMatchObject({ case: "finish", value: { model: "gpt-4o-mini", finishReason: FinishReason.STOP } });
    expect(asked()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it("waits for a person, whole and streamed, and is bound to what was asked", async () => {
    const reviewing = reviewingAt(gateway.adminUrl, reviewerKey);
    const decided = async (approve: boolean): Promise<void> => {
      const id = await onlyPending(reviewing);
      await (approve ? reviewing.approveRequest({ id }) : reviewing.denyRequest({ id, reason: "not today" }));
    };
    const before = upstream.calls.length;
    upstream.script = json(chatAnswer("exported"));
    const whole = client.generate(asking(`export ${protocol}`), { headers: signedIn });
    await decided(true);
    expect((await whole).message?.parts[0]?.kind.value).toBe("exported");
    const other = failureOf(client.generate(asking(`export ${protocol}.`), { headers: signedIn }));
    await decided(false);
    expect(await other).toMatchObject({ code: Code.PermissionDenied, rawMessage: "A reviewer denied this call: not today" });
    upstream.script = pieces(chatStream(["exp", "orted"]));
    const streamed = collect(client.generateStream({ request: asking(`export ${protocol}`) }, { headers: signedIn }));
    await decided(true);
    expect(textOf(await streamed)).toBe("exported");
    expect(upstream.calls.length - before).toBe(2);
  });

  it("streams tool calls, masked within their arguments", async () => {
    const call = (piece: Record<string, unknown>) => chunkOf({ tool_calls: [{ index: 0, ...piece }] });
    const written = JSON.stringify({ token: secret });
    upstream.script = pieces([
      call({ id: "call_1", type: "function", function: { name: "store", arguments: "" } }),
      ...[...written].map((character) => call({ function: { arguments: character } })),
      chunkOf({}, { finish_reason: "tool_calls" }),
      "data: [DONE]\n\n",
    ]);
    const events = await collect(client.generateStream({ request: asking("store it") }, { headers: signedIn }));
    const pieced = events.flatMap(({ event }) => (event.case === "toolCall" ? [event.value] : []));
    expect(pieced[0]).toMatchObject({ index: 0, id: "call_1", name: "store" });
    expect(JSON.parse(pieced.map((piece) => piece.arguments).join(""))).toEqual({ token: "[GITHUB_TOKEN]" });
    expect(events.at(-1)?.event).toMatchObject({ case: "finish", value: { finishReason: FinishReason.TOOL_CALLS } });
  });

  it("offers tools and takes their results", async () => {
    upstream.script = json(chatAnswer("sunny"));
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    await client.generate(
      {
        model: "gpt-4o-mini",
        messages: [
          { role: Role.SYSTEM, parts: [{ kind: { case: "text", value: "be short" } }] },
          {
            role: Role.ASSISTANT,
            parts: [{ kind: { case: "toolCall", value: { id: "c", name: "weather", arguments: '{"city":"Ulm"}' } } }],
          },
          { role: Role.TOOL, parts: [{ kind: { case: "toolResult", value: { toolCallId: "c", text: "sun" } } }] },
        ],
        tools: [{ name: "weather", description: "tells it", parameters: JSON.stringify(parameters) }],
        toolChoice: { kind: { case: "mode", value: ToolChoiceMode.AUTO } },
        options: { maxOutputTokens: 9, temperature: 0, stop: ["."] },
      },
      { headers: signedIn },
    );
    expect(asked()).toEqual({
      model: "gpt-4o-mini",
      messages: [
        { role: "system", content: "be short" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: '{"city":"Ulm"}' } }],
        },
        { role: "tool", tool_call_id: "c", content: "sun" },
      ],
      tools: [{ type: "function", function: { name: "weather", description: "tells it", parameters } }],
      tool_choice: "auto",
      max_completion_tokens: 9,
      temperature: 0,
      stop: ["."],
    });
  });

  it("turns texts into vectors, in the order of the texts", async () => {
    const data = [
      { object: "embedding", index: 1, embedding: [0.5, -1] },
      { object: "embedding", index: 0, embedding: [0.25, 2] },
    ];
    upstream.script = json({ object: "list", model: "embedder", data, usage: { prompt_tokens: 4, total_tokens: 4 } });
    const { embeddings, usage } = await client.embed({ model: "embedder", inputs: ["a", "b"] }, { headers: signedIn });
    expect(embeddings.map(({ values }) => values)).toEqual([
      [0.25, 2],
      [0.5, -1],
    ]);
    expect(usage?.inputTokens).toBe(4n);
  });

  it.each([
    ["who shows nothing", asking("hello"), {}, Code.Unauthenticated, "credential_missing"],
    ["whose prompt policy forbids", asking("open sesame"), signedIn, Code.PermissionDenied, "prompt_blocked"],
    [
      "who names a connection of another API",
      asking("hello"),
      { ...signedIn, "weir-connection": "files" },
      Code.NotFound,
      "target_unknown",
    ],
    ["who names no model", { ...asking("hello"), model: "" }, signedIn, Code.InvalidArgument, "request_invalid"],
    ["who gives a message no role", { model: "m", messages: [{}] }, signedIn, Code.InvalidArgument, "request_invalid"],
  ])("tells a caller %s", async (_, request, headers, code, reason) => {
    upstream.script = json(chatAnswer("never"));
    const before = upstream.calls.length;
    for (const attempt of [() => client.generate(request, { headers }), () => collect(client.generateStream({ request }, { headers }))]) {
      const failure = await failureOf(attempt());
      expect(failure.code).toBe(code);
      const [info] = failure.details;
      expect(info !== undefined && "type" in info ? [info.type, Buffer.from(info.value).includes(reason)] : []).toEqual([
        "google.rpc.ErrorInfo",
        true,
      ]);
      expect(failure.metadata.get("weir-session")).toMatch(/^[0-9a-f]{32}$/);
    }
    expect(upstream.calls.length).toBe(before);
  });

  it("knows no other methods", async () => {
    const method = { ...InferenceService.method.embed, name: "Chant" };
    const failure = await failureOf(transportOf(protocol).unary(method, undefined, undefined, signedIn, { model: "m", inputs: ["a"] }));
    expect(failure.code).toBe(Code.Unimplemented);
  });

  it("tells an upstream's own error, masked", async () => {
    upstream.script = json({ error: { message: `slow down, ${secret}`, type: "rate_limit" } }, 429);
    const failure = await failureOf(client.generate(asking("hello"), { headers: signedIn }));
    expect([failure.code, failure.rawMessage]).toEqual([Code.ResourceExhausted, "slow down, [GITHUB_TOKEN]"]);
  });

  it("tells that a stream broke off", async () => {
    upstream.script = pieces([chunkOf({ content: "half" })]);
    const failure = await failureOf(collect(client.generateStream({ request: asking("hello") }, { headers: signedIn })));
    expect([Code.Internal, Code.Unavailable]).toContain(failure.code);
  });

  it("lets go of the upstream when the caller leaves in the middle of a stream", async () => {
    let left: Promise<void> | undefined;
    upstream.script = async (call, response) => {
      left = call.closed;
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "a first sentence, and " }));
    };
    const leaving = new AbortController();
    const stream = client.generateStream({ request: asking("hello") }, { headers: signedIn, signal: leaving.signal });
    for await (const { event } of (async function* () {
      try {
        yield* stream;
      } catch (thrown) {
        if (!leaving.signal.aborted) throw thrown;
      }
    })()) {
      if (event.case === "text") leaving.abort();
    }
    await left;
  });

  it("lets go of the upstream at the caller's deadline", async () => {
    let left: Promise<void> | undefined;
    upstream.script = (call) => {
      left = call.closed;
    };
    const failure = await failureOf(client.generate(asking("hello"), { headers: signedIn, timeoutMs: 300 }));
    expect(failure.code).toBe(Code.DeadlineExceeded);
    await left;
  });
});

describe("a call of InferenceService is a session", () => {
  const recorded = (session: string | null) =>
    expect.poll(
      async () => {
        const { rows } = await database.query(
          "SELECT surface, operation, principal_name, connection, model, outcome, reason FROM weir.sessions JOIN weir.session_ends USING (session_id) WHERE session_id = $1",
          [session],
        );
        return rows[0];
      },
      { timeout: 10_000 },
    );
  const client = () => createClient(InferenceService, transportOf("gRPC"));

  it("as any other", async () => {
    upstream.script = pieces(chatStream(["hello"]));
    let session: string | null = null;
    const onHeader = (headers: Headers): void => {
      session = headers.get("weir-session");
    };
    await collect(client().generateStream({ request: asking("hello") }, { headers: signedIn, onHeader }));
    await recorded(session).toEqual({
      ...{ surface: "inference", operation: "chat.completions", principal_name: "tester", connection: "gpt", model: "gpt-4o-mini" },
      ...{ outcome: "answered", reason: null },
    });
  });

  it("also where it is refused before its message is read, or for its message", async () => {
    const stranger = { authorization: `Bearer weir_${randomBytes(32).toString("hex")}` };
    const unknown = await failureOf(client().generate(asking("hello"), { headers: stranger }));
    await recorded(unknown.metadata.get("weir-session")).toMatchObject({ principal_name: null, reason: "credential_invalid" });
    const faulty = await failureOf(client().generate({ model: "m", messages: [{}] }, { headers: signedIn }));
    await recorded(faulty.metadata.get("weir-session")).toMatchObject({ principal_name: "tester", reason: "request_invalid" });
  });
});

describe("InferenceService by a plain HTTP client", () => {
  it("answers JSON with JSON", async () => {
    upstream.script = json(chatAnswer("hello"));
    const response = await fetch(`${gateway.url}/weir.v1.InferenceService/Generate`, {
      method: "POST",
      headers: { ...signedIn, "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }] }),
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
    expect(await response.json()).toMatchObject({ message: { role: "ROLE_ASSISTANT", parts: [{ text: "hello" }] } });
  });

  it("asks for a body that waits to be asked for once the caller is known, and for no stranger's", async () => {
    upstream.script = json(chatAnswer("hello"));
    const body = JSON.stringify({ model: "m", messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }] });
    const ask = (headers: Record<string, string>): Promise<{ readonly status: number | undefined; readonly asked: boolean }> =>
      new Promise((resolve, reject) => {
        let asked = false;
        const sent = httpRequest(`${gateway.url}/weir.v1.InferenceService/Generate`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json", "content-length": body.length, expect: "100-continue" },
        });
        sent.on("continue", () => {
          asked = true;
          sent.end(body);
        });
        sent.on("response", (response) => {
          response.resume();
          sent.destroy();
          resolve({ status: response.statusCode, asked });
        });
        sent.on("error", reject).flushHeaders();
      });
    expect(await ask(signedIn)).toEqual({ status: 200, asked: true });
    const stranger = { authorization: `Bearer weir_${randomBytes(32).toString("hex")}` };
    expect(await ask(stranger)).toEqual({ status: 401, asked: false });
  });

  it("refuses what it cannot read", async () => {
    const ask = (body: string, type = "application/json") =>
      fetch(`${gateway.url}/weir.v1.InferenceService/Generate`, { method: "POST", headers: { ...signedIn, "content-type": type }, body });
    expect((await ask("{")).status).toBe(400);
    expect((await ask("hello", "text/plain")).status).toBe(415);
  });
});
