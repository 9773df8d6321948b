/** A whole gateway with two issuers in front of upstreams that count, and a door for each way in: what attackers of the tests knock at. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { expect, inject } from "vitest";
import { grpcCodes, type Reason, rulings } from "../../src/envelope/error.ts";
import { type ConnectServer, type ConnectWire, connectClient, connectEchoes, echoFile, startConnectServer, text } from "./connect-echo.ts";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { startTestGateway, type TestGateway } from "./gateway.ts";
import { startIssuer, type TestIssuer } from "./issuer.ts";
import { chatAnswer, json, ScriptedUpstream } from "./upstream.ts";

export const reporterKey = `weir_${randomBytes(32).toString("hex")}`;
export const crawlerKey = `weir_${randomBytes(32).toString("hex")}`;

type Headers = Readonly<Record<string, string>>;

/** How a call ended: undefined where it got through. */
export interface Refused {
  readonly reason: string;
  readonly status: number;
  readonly retry: string | null;
}

/** One way in. */
export interface Door {
  readonly name: string;
  /** Whether clients look for `x-should-retry`; gRPC's go by the status. */
  readonly saysRetry: boolean;
  knock(headers: Headers): Promise<Refused | undefined>;
}

export interface AttackedGateway {
  readonly corp: TestIssuer;
  readonly partner: TestIssuer;
  readonly gateway: TestGateway;
  readonly database: TestDatabase;
  readonly models: ScriptedUpstream;
  readonly doors: readonly Door[];
  /** Calls that reached any upstream. */
  forwarded(): number;
  close(): Promise<void>;
}

interface Places {
  readonly corp: string;
  readonly partner: string;
  readonly models: number;
  readonly echo: number;
  readonly descriptors: string;
}

/** `corp` may speak of the group security, `partner` may not; `vault` is for security alone, `open` for anybody. */
const configuration = ({ corp, partner, models, echo, descriptors }: Places): string => `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [security], auditor: [security] }
issuers:
  - { name: corp, issuer: "${corp}", audience: weir, algorithms: [RS256], groups: [analysts, security] }
  - { name: partner, issuer: "${partner}", audience: weir, algorithms: [RS256], groups: [analysts], conditions: ['!("hostile" in claims) || claims.hostile.matches("^(a+)+$")'] }
identities:
  - { name: reporter, kind: service, groups: [reporting], apiKey: "\${env:REPORTER}" }
  - { name: crawler, kind: service, groups: [reporting], apiKey: "\${env:CRAWLER}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${models}/v1" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${models}" }
  - { name: vault, protocol: rest, upstream: "http://127.0.0.1:${models}" }
  - { name: reports, protocol: rest, upstream: "http://127.0.0.1:${models}" }
  - { name: open, protocol: rest, anonymous: true, upstream: "http://127.0.0.1:${models}" }
  - { name: echo, protocol: connect, http: "2", upstream: "http://127.0.0.1:${echo}", route: { services: [test.Echo] }, descriptors: { file: ${JSON.stringify(descriptors)} } }
policies:
  - { name: analysts, match: { groups: [analysts], connections: [gpt, churn, echo] }, effect: allow }
  - { name: security, match: { groups: [security], connections: [vault] }, effect: allow }
  - { name: reports, match: { identities: [reporter], connections: [reports] }, effect: allow }
  - { name: anybody, match: { identities: [anonymous], connections: [open] }, effect: allow }
  - { name: known, match: { groups: [analysts, reporting], connections: [open] }, effect: allow }
`;

/** A door of one POST. */
export const httpDoor = (name: string, url: () => string, body: object): Door => ({
  name,
  saysRetry: true,
  knock: async (headers) => {
    const answer = await fetch(url(), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const words = await answer.text();
    if (answer.ok) return undefined;
    const reason = /"code":"([a-z_]+)"/.exec(words)?.[1] ?? words;
    return { reason, status: answer.status, retry: answer.headers.get("x-should-retry") };
  },
});

/** The first field of `google.rpc.ErrorInfo`: a key, a length of one byte, and the reason. */
const reasonOf = ({ details, rawMessage }: ConnectError): string => {
  const info = details.find((detail) => "type" in detail && detail.type === "google.rpc.ErrorInfo");
  if (info === undefined || !("value" in info) || !(info.value instanceof Uint8Array)) return rawMessage;
  return Buffer.from(info.value.subarray(2, 2 + (info.value[1] ?? 0)))
    .toString()
    .toLowerCase();
};

const rpcDoor = (wire: ConnectWire, http: "1.1" | "2", port: () => number): Door => ({
  name: `${wire} over HTTP/${http}`,
  saysRetry: wire === "connect",
  knock: async (headers) => {
    const client = connectClient(port(), { wire, http, json: false, gzip: false });
    try {
      await client.unary(text("hello"), { headers });
      return undefined;
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      return { reason: reasonOf(error), status: error.code, retry: error.metadata.get("x-should-retry") };
    }
  },
});

const doorsOf = (gateway: TestGateway): readonly Door[] => [
  httpDoor("OpenAI", () => `${gateway.url}/v1/chat/completions`, { model: "gpt-4o", messages: [{ role: "user", content: "hello" }] }),
  httpDoor("REST", () => `${gateway.url}/churn/predict`, { text: "hello" }),
  rpcDoor("grpc", "2", () => gateway.port),
  rpcDoor("grpc-web", "1.1", () => gateway.port),
  rpcDoor("connect", "1.1", () => gateway.port),
];

/** Fails unless a door is closed for this reason, with the status of its protocol, and for good where the reason says so. */
export const expectClosed = async (door: Door, headers: Headers, reason: Reason): Promise<void> => {
  const refused = await door.knock(headers);
  const { http, grpc, retry } = rulings[reason];
  expect(refused, door.name).toMatchObject({ reason, ...(door.saysRetry ? { retry: retry ? null : "false" } : {}) });
  expect([http, grpcCodes[grpc]], door.name).toContain(refused?.status);
};

/** Starts everything; `close` ends it. */
export const startAttackedGateway = async (): Promise<AttackedGateway> => {
  const [corp, partner, models, echo, database, folder] = await Promise.all([
    startIssuer(["analysts"]),
    startIssuer(["analysts"]),
    ScriptedUpstream.start(),
    startConnectServer("2"),
    cloneDatabase(inject("postgres")),
    mkdtemp(join(tmpdir(), "weir-attacked-")),
  ]);
  let echoed = 0;
  models.script = json(chatAnswer("done"));
  (echo as ConnectServer).handlers = {
    ...connectEchoes,
    unary: (request) => {
      echoed += 1;
      return request;
    },
  };
  const descriptors = join(folder, "echo.binpb");
  await writeFile(descriptors, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
  const gateway = await startTestGateway({
    configuration: configuration({ corp: corp.url, partner: partner.url, models: models.port, echo: echo.port, descriptors }),
    env: { REPORTER: reporterKey, CRAWLER: crawlerKey },
    database: database.address,
  });
  return {
    corp,
    partner,
    gateway,
    database,
    models,
    doors: doorsOf(gateway),
    forwarded: () => models.calls.length + echoed,
    close: async () => {
      await gateway.close();
      await Promise.all([database.drop(), models.close(), echo.close(), corp.away(), partner.away(), rm(folder, { recursive: true })]);
    },
  };
};

/** A credential where callers put it. */
export const bearing = (credential: string): Headers => ({ authorization: `Bearer ${credential}` });
