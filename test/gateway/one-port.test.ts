/** The OpenAI API over every wire that the port speaks, by real clients: the same calls, masked and refused alike. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { promisify } from "node:util";
import OpenAI from "openai";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { FrameClient, frame, frameFlags, frameTypes, headerBlock, requestHeaders, reset } from "../support/http2-frames.ts";
import { chatAnswer, chatStream, chunkOf, drained, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const secret = "AKIAQ7DWEIRTESTKEY42";
const masked = "The key is [AWS_ACCESS_KEY_ID], keep it.";
const server = makeCertificate({ name: "localhost" });
const callers = makeCertificate({ name: "callers", authority: true });
const caller = makeCertificate({ name: "caller", by: callers });

let upstream: ScriptedUpstream;
let database: TestDatabase;
const gateways: TestGateway[] = [];
const closing: (() => Promise<unknown>)[] = [];

const configuration = (port: number): string => `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${port}/v1" }]
policies: [{ name: testers, match: { groups: [testers] }, effect: allow, mask: { response: [credentials] } }]
`;

const start = async (tls?: { readonly cert: string; readonly key: string; readonly clientCa: string }): Promise<TestGateway> => {
  const gateway = await startTestGateway({
    configuration: configuration(upstream.port),
    env: { TEST_KEY: key },
    database: database.address,
    ...(tls === undefined ? {} : { tls }),
  });
  gateways.push(gateway);
  return gateway;
};

let clear: TestGateway;
let secure: TestGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  clear = await start();
  secure = await start({ ...server, clientCa: callers.cert });
});
afterAll(async () => {
  for (const close of closing) await close();
  for (const gateway of gateways) await gateway.close();
  await database.drop();
  await upstream.close();
});

const http2 = (gateway: TestGateway): ClientHttp2Session => {
  const session = connect(gateway.url, { ca: server.cert });
  session.on("error", () => {});
  closing.push(async () => session.destroy());
  return session;
};

const post = (session: ClientHttp2Session, body: string, credential = key): ClientHttp2Stream => {
  const headers = {
    ":method": "POST",
    ":path": "/v1/chat/completions",
    "content-type": "application/json",
    authorization: `Bearer ${credential}`,
  };
  const stream = session.request(headers);
  stream.on("error", () => {});
  stream.end(body);
  return stream;
};

const ended = (stream: ClientHttp2Stream): Promise<{ readonly status: number; readonly text: string; readonly code: number }> =>
  new Promise((resolve) => {
    let status = 0;
    let text = "";
    stream.on("response", (head) => {
      status = Number(head[":status"]);
    });
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.on("close", () => resolve({ status, text, code: stream.rstCode }));
  });

const question = '{"model":"m","messages":[{"role":"user","content":"which key?"}]}';
const streamed = '{"model":"m","stream":true,"messages":[{"role":"user","content":"which key?"}]}';
const whole = json(chatAnswer(`The key is ${secret}, keep it.`));
const cut = pieces(chatStream(["The key is AKIAQ7D", "WEIRTEST", "KEY42, keep it."]));

interface Wire {
  readonly name: string;
  readonly send: (body: string, credential?: string) => Promise<{ readonly status: number; readonly text: string }>;
}

const byFetch =
  (gateway: () => TestGateway, dispatcher: () => Agent): Wire["send"] =>
  async (body, credential = key) => {
    const response = await undiciFetch(`${gateway().url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${credential}` },
      body,
      dispatcher: dispatcher(),
    });
    return { status: response.status, text: await response.text() };
  };

const agent = (allowH2: boolean, certificate: { readonly cert?: string; readonly key?: string } = {}): (() => Agent) => {
  const made = new Agent({ allowH2, connect: { ca: server.cert, ...certificate } });
  closing.push(() => made.close());
  return () => made;
};

/** Debian's curl, a client of nghttp2's. */
const byCurl: Wire["send"] = async (body, credential = key) => {
  const options = ["--silent", "--http2-prior-knowledge", "--write-out", "\n%{http_code} %{http_version}", "--data", body];
  const headers = ["--header", "content-type: application/json", "--header", `authorization: Bearer ${credential}`];
  const { stdout } = await promisify(execFile)("curl", [...options, ...headers, `${clear.url}/v1/chat/completions`]);
  const end = stdout.lastIndexOf("\n");
  const [status, version] = stdout.slice(end + 1).split(" ");
  expect(version).toBe("2");
  return { status: Number(status), text: stdout.slice(0, end) };
};

const hasCurl = await promisify(execFile)("curl", ["--version"]).then(
  ({ stdout }) => stdout.includes("HTTP2"),
  () => false,
);

const wires: readonly Wire[] = [
  { name: "HTTP/1.1 in clear text", send: byFetch(() => clear, agent(false)) },
  { name: "HTTP/2 in clear text", send: (body, credential) => ended(post(http2(clear), body, credential)) },
  { name: "HTTP/1.1 over TLS", send: byFetch(() => secure, agent(false)) },
  { name: "HTTP/2 over TLS", send: (body, credential) => ended(post(http2(secure), body, credential)) },
  { name: "HTTP/2 by undici over TLS", send: byFetch(() => secure, agent(true)) },
  { name: "HTTP/2 over TLS, with a client certificate that is nobody's", send: byFetch(() => secure, agent(true, caller)) },
  ...(hasCurl ? [{ name: "HTTP/2 by curl in clear text", send: byCurl }] : []),
];

describe.each(wires)("over $name", ({ send }) => {
  it("a whole answer is masked", async () => {
    upstream.script = whole;
    const { status, text } = await send(question);
    expect(status).toBe(200);
    expect(text).toContain(masked);
  });

  it("a stream is masked, and ends as streams do", async () => {
    upstream.script = cut;
    const { status, text } = await send(streamed);
    const texts = Array.from(text.matchAll(/"content":"([^"]*)"/g), ([, content]) => content);
    expect([status, texts.join("")]).toEqual([200, masked]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("a stranger is refused, and asks nothing of the model", async () => {
    upstream.script = whole;
    const before = upstream.calls.length;
    const { status, text } = await send(question, "weir_wrong");
    expect([status, JSON.parse(text)]).toMatchObject([401, { error: { code: "credential_invalid" } }]);
    expect(upstream.calls).toHaveLength(before);
  });

  it("a long prompt arrives whole", async () => {
    upstream.script = whole;
    const prompt = "lorem ipsum ".repeat(10_000);
    expect((await send(JSON.stringify({ model: "m", messages: [{ role: "user", content: prompt }] }))).status).toBe(200);
    expect(JSON.parse(String(upstream.calls.at(-1)?.body))).toMatchObject({ messages: [{ content: prompt }] });
  });

  it("a model that breaks off ends the stream with an error in it", async () => {
    upstream.script = (_call, response, socket) => {
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .write(chunkOf({ content: "a" }), () => setImmediate(() => socket.destroy()));
    };
    const { status, text } = await send(streamed);
    expect(status).toBe(200);
    expect(text).toMatch(/data: \{"error":\{[^\n]*"code":"upstream_/);
    expect(text).not.toContain("[DONE]");
  });
});

describe("the OpenAI SDK over TLS", () => {
  it.each([true, false])("streams and reads whole answers (HTTP/2 allowed: %s)", async (allowH2) => {
    const dispatcher = agent(allowH2)();
    const client = new OpenAI({
      apiKey: key,
      baseURL: `${secure.url}/v1`,
      // biome-ignore lint/suspicious/noExplicitAny: undici's fetch and the global one are the same function with two types
      fetch: ((url: any, init: any) => undiciFetch(url, { ...init, dispatcher })) as any,
    });
    const request = { model: "m", messages: [{ role: "user" as const, content: "which key?" }] };
    upstream.script = whole;
    expect((await client.chat.completions.create(request)).choices[0]?.message.content).toBe(masked);
    upstream.script = cut;
    let text = "";
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
      text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(masked);
  });
});

describe("an HTTP/2 caller", () => {
  it("that resets its stream ends the model's answer, and only that one", async () => {
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "one " }));
    };
    const session = http2(clear);
    const left = post(session, streamed);
    await new Promise((resolve) => left.once("data", resolve));
    const call = upstream.calls.at(-1);
    left.close();
    await call?.closed;
    upstream.script = whole;
    expect((await ended(post(session, question))).text).toContain(masked);
  });

  it("that reads slowly holds the model back, and nobody else on its connection", async () => {
    let written = 0;
    const events = 20_000;
    const content = "x".repeat(2_000);
    upstream.script = async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (; written < events && !response.destroyed; written++) {
        if (!response.write(chunkOf({ content }))) await drained(response);
      }
      response.end("data: [DONE]\n\n");
    };
    const session = http2(clear);
    const slow = post(session, streamed);
    await new Promise((resolve) => slow.once("response", resolve));
    slow.pause();
    let before = -1;
    const stands = (): boolean => {
      const stood = before === written;
      before = written;
      return stood;
    };
    // Buffers of sockets fill up; then the model waits.
    await expect.poll(stands, { interval: 300, timeout: 10_000 }).toBe(true);
    expect(written).toBeLessThan(events);
    upstream.script = whole;
    expect((await ended(post(session, question))).text).toContain(masked);
    slow.close();
  });

  const block = headerBlock([
    ...requestHeaders("/v1/chat/completions", "POST"),
    ["content-type", "application/json"],
    ["authorization", `Bearer ${key}`],
  ]);

  it.each([
    ["resets its stream", (client: FrameClient) => client.write(reset(1))],
    ["closes its connection", (client: FrameClient) => client.socket.end()],
    ["breaks its connection", (client: FrameClient) => client.socket.resetAndDestroy()],
  ])("that %s while it still sends asks nothing of the model, though what it sent could be read as whole", async (_name, leave) => {
    upstream.script = whole;
    const before = upstream.calls.length;
    const client = FrameClient.open(clear.port);
    client.write(frame(frameTypes.headers, frameFlags.endHeaders, 1, block), frame(frameTypes.data, 0, 1, Buffer.from(question)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave(client);
    expect((await ended(post(http2(clear), question))).status).toBe(200);
    expect(upstream.calls).toHaveLength(before + 1);
    client.socket.destroy();
  });
});
