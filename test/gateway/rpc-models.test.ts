/** Streams that name their models: a rule about models holds for each message of them. */

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FrameReader, frameOf } from "../../adapters/rpc/wire/frame.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { ModelServer } from "../support/model-servers.ts";
import { type BareCaller, bareCaller, type ScriptedRpc, startScriptedRpc } from "../support/scripted-rpc.ts";

const keys = { BY_MODEL: newKey(), ALL_BUT_ONE: newKey() };
const triton = await ModelServer.of("triton");

let upstream: ScriptedRpc;
let database: TestDatabase;
let gateway: TestGateway;
let caller: BareCaller;

function newKey(): string {
  return `weir_${randomBytes(32).toString("hex")}`;
}

beforeAll(async () => {
  upstream = await startScriptedRpc();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities:
  - { name: by-model, kind: service, groups: [some], apiKey: "\${env:BY_MODEL}" }
  - { name: all-but-one, kind: service, groups: [many], apiKey: "\${env:ALL_BUT_ONE}" }
connections: [{ name: triton, protocol: grpc, upstream: "http://127.0.0.1:${upstream.port}", descriptors: { builtin: triton } }]
policies:
  - { name: some, match: { groups: [some], models: [llm, "small-*"] }, effect: allow }
  - { name: many, match: { groups: [many] }, effect: allow }
  - { name: never, match: { models: [guarded] }, effect: deny }
`,
    env: keys,
  });
  caller = bareCaller(gateway.port);
  const headers = { ":status": 200, "content-type": "application/grpc" };
  upstream.answer = { headers, pieces: [], trailers: { "grpc-status": "0" } };
});
afterAll(async () => {
  caller.close();
  await gateway.close();
  await database.drop();
  await upstream.close();
});

const framed = (model: string): Buffer => frameOf(0, triton.write("inference.ModelInferRequest", { modelName: model })).wire;

/** The models that reached the upstream. */
const reached = (): string[] => {
  const models: string[] = [];
  const reader = new FrameReader({ messageBytes: 1 << 20, tooLarge: () => new Error("too large") });
  reader.push(upstream.asked.body, ({ payload }) => models.push(String(triton.read("inference.ModelInferRequest", payload).modelName)));
  return models;
};

/** The call's status, by its number (16: unauthenticated, 7: permission denied, 0: ok). */
const stream = async (key: string, ...models: readonly string[]): Promise<string> => {
  upstream.asked.body = Buffer.alloc(0);
  const { fields } = await caller.call(
    {
      ":path": "/inference.GRPCInferenceService/ModelStreamInfer",
      "content-type": "application/grpc",
      "weir-connection": "triton",
      authorization: `Bearer ${key}`,
    },
    Buffer.concat(models.map(framed)),
  );
  return fields[fields.indexOf("grpc-status") + 1] ?? "none";
};

describe("a stream of requests that name models", () => {
  it("passes where the first model, and every later one, is allowed by the same rules", async () => {
    expect(await stream(keys.BY_MODEL, "llm")).toBe("0");
    expect(await stream(keys.BY_MODEL, "llm", "small-1", "llm")).toBe("0");
    expect(reached()).toEqual(["llm", "small-1", "llm"]);
  });

  it("is refused where the first model is not allowed, before anything goes on", async () => {
    expect(await stream(keys.BY_MODEL, "large")).toBe("7");
    expect(await stream(keys.ALL_BUT_ONE, "guarded")).toBe("7");
    expect(reached()).toEqual([]);
  });

  it("is stopped at a later model that is denied, or that nothing allows", async () => {
    expect(await stream(keys.ALL_BUT_ONE, "llm", "guarded")).toBe("7");
    expect(reached()).not.toContain("guarded");
    expect(await stream(keys.BY_MODEL, "llm", "large")).toBe("7");
    expect(reached()).not.toContain("large");
  });

  it("that is empty is decided about without a model", async () => {
    expect(await stream(keys.ALL_BUT_ONE)).toBe("0");
    expect(await stream(keys.BY_MODEL)).toBe("7");
  });
});
