import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type EchoServer, echoClient, startEchoServer } from "../support/grpc-echo.ts";
import { ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const visitorKey = `weir_${randomBytes(32).toString("hex")}`;

let upstream: ScriptedUpstream;
let echo: EchoServer;
let database: TestDatabase;
let gateway: TestGateway;

/** Every connection leads to one upstream, each to a folder of its own: what arrives there says which was chosen and what was left of the path. */
const configuration = (): string => `
egress: { allow: [127.0.0.0/8] }
identities:
  - { name: tester, groups: [testers], apiKey: "\${env:TEST_KEY}" }
  - { name: visitor, groups: [visitors], apiKey: "\${env:VISITOR_KEY}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/gpt/v1", route: { models: ["gpt-*"] } }
  - { name: llama, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/llama", route: { models: ["llama*"], paths: [/own/llama] } }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${upstream.port}/claude/v1" }
  - { name: tfs, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}/tfs" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}/churn", route: { hosts: [churn.internal], paths: [/models] } }
  - { name: fraud, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}/fraud", route: { paths: [/models/fraud] } }
  - { name: internal, protocol: connect, upstream: "http://127.0.0.1:${upstream.port}/internal" }
  - { name: echo, protocol: grpc, upstream: "http://127.0.0.1:${echo.port}", route: { services: [test.Echo] } }
policies:
  - { name: all, effect: allow, match: { groups: [testers] } }
  - { name: some, effect: allow, match: { groups: [visitors], connections: [fraud] } }
`;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  echo = await startEchoServer();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    configuration: configuration(),
    env: { TEST_KEY: key, VISITOR_KEY: visitorKey },
    database: database.address,
  });
});
beforeEach(() => {
  upstream.script = (_call, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
  echo.close();
  await upstream.close();
});

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly model?: string;
}

interface Answered {
  readonly status: number;
  readonly body: string;
  /** What arrived at the upstream; undefined: nothing did. */
  readonly arrived: string | undefined;
}

/** By `node:http`, because `fetch` sets the Host header itself. */
const ask = ({ path, method = "POST", headers = {}, model = "m" }: Asked): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const before = upstream.calls.length;
    const body = method === "POST" ? JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], max_tokens: 5 }) : "";
    const sent = httpRequest(
      {
        ...{ host: "127.0.0.1", port: gateway.port, path, method },
        headers: { authorization: `Bearer ${key}`, ...(body !== "" && { "content-type": "application/json" }), ...headers },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const arrived = upstream.calls.length > before ? upstream.calls.at(-1)?.url : undefined;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString(), arrived });
        });
      },
    );
    sent.on("error", reject).end(body);
  });

describe("a request is sent to the connection that the first fitting step says", () => {
  it.each<[string, Asked, string]>([
    [
      "named by the header, whatever its path looks like",
      { path: "/v1/models/half:predict", headers: { "weir-connection": "tfs" } },
      "/tfs/v1/models/half:predict",
    ],
    ["by its host", { path: "/score", headers: { host: "churn.internal:8080" } }, "/churn/score"],
    ["named, rather than by its host", { path: "/score", headers: { host: "churn.internal", "weir-connection": "fraud" } }, "/fraud/score"],
    ["of the shape of OpenAI's, by its model", { path: "/v1/chat/completions", model: "llama3" }, "/llama/chat/completions"],
    ["of the shape of Anthropic's", { path: "/v1/messages" }, "/claude/v1/messages"],
    ["by a prefix, which is taken off", { path: "/models/score" }, "/churn/score"],
    ["by a connection's name", { path: "/tfs/v1/models/half:predict" }, "/tfs/v1/models/half:predict"],
    ["by a connection's name, with the version", { path: "/gpt/v1/chat/completions" }, "/gpt/v1/chat/completions"],
    ["by a connection's name, without the version", { path: "/gpt/chat/completions" }, "/gpt/v1/chat/completions"],
    [
      "by a prefix to OpenAI's API, whatever its model",
      { path: "/own/llama/chat/completions", model: "gpt-4o" },
      "/llama/chat/completions",
    ],
    ["by a connection's name to a service of Connect, though the call is plain JSON", { path: "/internal/a.B/Say" }, "/internal/a.B/Say"],
    ["by a connection's name to Anthropic's API", { path: "/claude/v1/messages" }, "/claude/v1/messages"],
  ])("%s", async (_, asked, arrived) => {
    const answered = await ask(asked);
    expect(answered).toMatchObject({ status: 200, arrived });
  });

  it("by its service, and by its name in metadata", async () => {
    const client = echoClient(gateway.port);
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${key}`);
    expect(await client.unary("hello", metadata)).toMatchObject({ messages: ["hello"], code: 0 });
    metadata.set("weir-connection", "echo");
    expect(await client.unary("again", metadata)).toMatchObject({ messages: ["again"], code: 0 });
    metadata.set("weir-connection", "tfs");
    expect(await client.unary("a call of RPC to REST", metadata)).toMatchObject({ messages: [], code: 5 });
    client.close();
  });
});

describe("a request is refused, and nothing is sent,", () => {
  it.each<[string, Asked, number]>([
    ["where two connections fit within a step", { path: "/models/fraud/score" }, 400],
    ["where the header names nobody", { path: "/v1/chat/completions", headers: { "weir-connection": "nobody" } }, 404],
    ["where nothing fits", { path: "/elsewhere" }, 404],
    ["where no connection serves the model", { path: "/v1/chat/completions", model: "mistral" }, 404],
    [
      "where it would be read by one connection's path and only another may be used",
      { path: "/models/score", headers: { authorization: `Bearer ${visitorKey}` } },
      404,
    ],
    [
      "where the name is of a connection that the caller may not use",
      { path: "/churn/score", headers: { authorization: `Bearer ${visitorKey}` } },
      404,
    ],
    ["for a path with an escaped slash", { path: "/tfs/a%2fb" }, 400],
    ["for a path with two slashes", { path: "/tfs//a" }, 400],
    ["for a path with dots", { path: "/tfs/../gpt" }, 400],
    ["for the gateway's own paths", { path: "/.well-known/openid-configuration", method: "GET" }, 404],
  ])("%s", async (_, asked, status) => {
    expect(await ask(asked)).toMatchObject({ status, arrived: undefined });
  });

  it("in the words of the API that it was read as", async () => {
    expect(JSON.parse((await ask({ path: "/v1/chat/completions", model: "mistral" })).body)).toMatchObject({
      error: { code: "target_unknown" },
    });
    expect(JSON.parse((await ask({ path: "/v1/messages", headers: { "weir-connection": "nobody" } })).body)).toMatchObject({
      type: "error",
    });
    expect(JSON.parse((await ask({ path: "/elsewhere" })).body)).toMatchObject({ code: "target_unknown" });
  });
});

describe("whoever may use one of two connections within a step", () => {
  it("gets there by the prefix that is theirs", async () => {
    const headers = { authorization: `Bearer ${visitorKey}` };
    expect(await ask({ path: "/models/fraud/score", headers })).toMatchObject({ status: 200, arrived: "/fraud/score" });
  });
});

describe("a list of models", () => {
  it("comes from every connection of that API, or from the one that the path names", async () => {
    upstream.script = (call, response) => {
      const id = call.url.startsWith("/gpt") ? "gpt-4o" : "llama3";
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ object: "list", data: [{ id, object: "model" }] }));
    };
    const listed = async (path: string): Promise<readonly string[]> =>
      [...(await ask({ path, method: "GET" })).body.matchAll(/"id":\s*"([^"]+)"/g)].map(([, id]) => id ?? "").sort();
    expect(await listed("/v1/models")).toEqual(["gpt-4o", "llama3"]);
    expect(await listed("/gpt/v1/models")).toEqual(["gpt-4o"]);
    expect(await listed("/own/llama/models")).toEqual(["llama3"]);
  });
});
