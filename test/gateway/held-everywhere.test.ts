/** Requests of every protocol, held by one replica and decided on another, with the database's connections lost half-way. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { ApprovalService, ApprovalState } from "../../src/gen/weir/v1/approval_pb.ts";
import { messageEvents, messageOf } from "../support/anthropic-messages.ts";
import {
  type ConnectServer,
  connectEchoes,
  echoFile,
  echoService,
  startConnectServer,
  type Text,
  type TransportChoice,
  text,
  transportTo,
} from "../support/connect-echo.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { chatAnswer, chunkOf, json, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const env = { CALLER: newKey(), REVIEWER: newKey() };
/** Rounds of every kind of call; a caller has at most twenty waiting. */
const rounds = 2;

let models: ScriptedUpstream;
let echo: ConnectServer;
let database: TestDatabase;
let folder: string;
let holding: TestGateway;
let deciding: TestGateway;
/** The marks of the requests that reached an upstream, each as often as it did. */
const forwarded: string[] = [];

const done = { content: [{ type: "text", text: "done" }] };
const wholeAnswers: Readonly<Record<string, unknown>> = { "/predict": { score: 1 }, "/v1/messages": messageOf(done) };

const markIn = (body: string): string => /mark-[0-9a-f]{16}/.exec(body)?.[0] ?? "none";

const configuration = (descriptors: string): string => `
egress: { allow: [127.0.0.0/8] }
roles: { reviewer: [security] }
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${models.port}" }
  - { name: echo, protocol: connect, http: "2", upstream: "http://127.0.0.1:${echo.port}", route: { services: [test.Echo] }, descriptors: { file: ${JSON.stringify(descriptors)} } }
policies:
  - name: careful
    match: { groups: [analysts] }
    effect: allow
    approval: { reviewers: { groups: [security] }, expires: 60s }
`;

beforeAll(async () => {
  [models, echo, database, folder] = await Promise.all([
    ScriptedUpstream.start(),
    startConnectServer("2"),
    cloneDatabase(inject("postgres")),
    mkdtemp(join(tmpdir(), "weir-held-")),
  ]);
  models.script = (call, response, socket) => {
    const body = call.body.toString();
    forwarded.push(markIn(body));
    if (!body.includes('"stream":true')) return json(wholeAnswers[call.url] ?? chatAnswer("done"))(call, response, socket);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (call.url === "/v1/messages") response.end(messageEvents(done, (text) => [text]).join(""));
    else response.end(`${chunkOf({ content: "done" })}${chunkOf({}, { finish_reason: "stop" })}data: [DONE]\n\n`);
  };
  const note = (request: Text): void => void forwarded.push(markIn(request.text));
  echo.handlers = {
    ...connectEchoes,
    unary: (request) => {
      note(request);
      return request;
    },
    async *serverStream(request) {
      note(request);
      yield request;
    },
  };
  const descriptors = join(folder, "echo.binpb");
  await writeFile(descriptors, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
  const shared = {
    configuration: configuration(descriptors),
    env,
    database: database.address,
    encryptionKey: randomBytes(32).toString("base64"),
  };
  [holding, deciding] = [await startTestGateway(shared), await startTestGateway(shared)];
});
afterAll(async () => {
  await Promise.all([holding.close(), deciding.close()]);
  await Promise.all([database.drop(), models.close(), echo.close(), rm(folder, { recursive: true })]);
});

/** `passed`, or the reason of the refusal. */
type Ending = string;
type Ask = (mark: string) => Promise<Ending>;

const authorization = `Bearer ${env.CALLER}`;

const reasonIn = (body: string): Ending => /"(?:code|reason|error_code)":"([a-z_]+)"/.exec(body)?.[1] ?? `unclear: ${body}`;

const post =
  (path: string, bodyOf: (mark: string) => object): Ask =>
  async (mark) => {
    const answer = await fetch(`${holding.url}${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(bodyOf(mark)),
    });
    const body = await answer.text();
    return answer.ok && !body.includes('"error"') ? "passed" : reasonIn(body);
  };

const chat = (stream: boolean) => (mark: string) => ({ model: "gpt-4o", stream, messages: [{ role: "user", content: mark }] });

interface EchoClient {
  unary(request: Text, options: object): Promise<Text>;
  serverStream(request: Text, options: object): AsyncIterable<Text>;
}

const rpc =
  (choice: Pick<TransportChoice, "wire" | "http">, method: "unary" | "serverStream"): Ask =>
  async (mark) => {
    const client = createClient(echoService, transportTo(holding.port, { ...choice, json: false, gzip: false })) as unknown as EchoClient;
    try {
      const options = { headers: { authorization } };
      if (method === "unary") await client.unary(text(mark), options);
      else for await (const _ of client.serverStream(text(mark), options));
      return "passed";
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      return error.code === Code.PermissionDenied && error.rawMessage.includes("denied")
        ? "approval_denied"
        : `${Code[error.code]}: ${error.rawMessage}`;
    }
  };

const kinds: readonly Ask[] = [
  post("/v1/chat/completions", chat(false)),
  post("/v1/chat/completions", chat(true)),
  post("/v1/messages", (mark) => ({ ...chat(false)(mark), max_tokens: 9 })),
  post("/v1/messages", (mark) => ({ ...chat(true)(mark), max_tokens: 9 })),
  post("/churn/predict", (mark) => ({ text: mark })),
  rpc({ wire: "grpc", http: "2" }, "unary"),
  rpc({ wire: "grpc", http: "2" }, "serverStream"),
  rpc({ wire: "grpc-web", http: "1.1" }, "unary"),
  rpc({ wire: "connect", http: "2" }, "unary"),
  rpc({ wire: "connect", http: "1.1" }, "serverStream"),
];

const reviewer = (): Client<typeof ApprovalService> =>
  createClient(
    ApprovalService,
    createConnectTransport({
      baseUrl: deciding.adminUrl,
      httpVersion: "1.1",
      interceptors: [
        (next) => (request) => {
          request.header.set("authorization", `Bearer ${env.REVIEWER}`);
          return next(request);
        },
      ],
    }),
  );

const breakConnections = (): Promise<unknown> =>
  database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

it("each ends exactly as it was decided, and none is forwarded twice or without a yes", async () => {
  const asked = Array.from({ length: rounds }, () => kinds)
    .flat()
    .map((ask) => ({ ask, mark: `mark-${randomBytes(8).toString("hex")}` }));
  const endings = Promise.all(asked.map(async ({ ask, mark }) => [mark, await ask(mark)] as const));
  const client = reviewer();
  const pending = async () => (await client.listApprovals({ state: ApprovalState.PENDING, pageSize: 1000 })).approvals;
  await expect.poll(async () => (await pending()).length, { timeout: 20_000 }).toBe(asked.length);
  expect(forwarded).toEqual([]);

  const decisions = new Map<string, Ending>();
  for (const [turn, { id }] of (await pending()).entries()) {
    if (turn === Math.floor(asked.length / 2)) await breakConnections();
    const { texts } = await again(() => client.getApproval({ id }));
    const agrees = randomBytes(1).readUInt8() % 2 === 0;
    decisions.set(markIn(JSON.stringify(texts)), agrees ? "passed" : "approval_denied");
    await again<unknown>(() => (agrees ? client.approveRequest({ id }) : client.denyRequest({ id, reason: "no" })));
  }
  const ended = new Map(await endings);
  expect(Object.fromEntries(ended)).toEqual(Object.fromEntries(decisions));
  const approved = asked.map(({ mark }) => mark).filter((mark) => decisions.get(mark) === "passed");
  expect(forwarded.toSorted()).toEqual(approved.toSorted());
});

/** A call to the management API that is tried again while the database's connections come back. */
const again = async <T>(call: () => Promise<T>, tries = 20): Promise<T> => {
  for (let left = tries; ; left--) {
    try {
      return await call();
    } catch (thrown) {
      const { code } = ConnectError.from(thrown);
      if (left === 0 || (code !== Code.Internal && code !== Code.Unknown && code !== Code.Unavailable)) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};
