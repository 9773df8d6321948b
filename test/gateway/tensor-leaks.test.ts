/** The leak matrix of text tensors: Triton's answers and streams, in both encodings, a secret cut at every byte, through a whole gateway. */

import { randomBytes } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FrameReader, frameOf } from "../../adapters/rpc/wire/frame.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { base64, ModelServer, rawTensor } from "../support/model-servers.ts";
import { type BareCaller, bareCaller, type ScriptedRpc, startScriptedRpc } from "../support/scripted-rpc.ts";

/** Made up, in the forms of a card number, an e-mail address and an AWS key. */
const secrets = ["4111 1111 1111 1111", "carol.danvers@qzvkwj.example", "AKIAQ3EGRIJ5KZT7XW2M"] as const;
const harmless = "the quick brown fox, over 12 lazy dogs — ünï 😀";
const scores = randomBytes(64);
const key = `weir_${randomBytes(32).toString("hex")}`;
const triton = await ModelServer.of("triton");

let upstream: ScriptedRpc;
let database: TestDatabase;
let gateway: TestGateway;
let caller: BareCaller;

beforeAll(async () => {
  upstream = await startScriptedRpc();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections: [{ name: triton, protocol: grpc, upstream: "http://127.0.0.1:${upstream.port}", descriptors: { builtin: triton } }]
policies: [{ name: testers, match: { groups: [testers] }, effect: allow, mask: { request: [all], response: [all] } }]
`,
    env: { TEST_KEY: key },
  });
  caller = bareCaller(gateway.port);
});

afterAll(async () => {
  caller.close();
  await gateway.close();
  await database.drop();
  await upstream.close();
});

type Encoding = "typed" | "raw";

const tensors = (list: "outputs" | "inputs", elements: readonly Buffer[], encoding: Encoding): JsonObject => {
  const strings = { name: "text", datatype: "BYTES", shape: [String(elements.length)] };
  const numbers = { name: "scores", datatype: "FP64", shape: ["8"] };
  if (encoding === "typed") return { [list]: [{ ...strings, contents: { bytesContents: elements.map(base64) } }] };
  const contents = [base64(rawTensor(elements)), base64(scores)];
  return { [list]: [strings, numbers], ...(list === "outputs" ? { rawOutputContents: contents } : { rawInputContents: contents }) };
};

const splitRaw = (raw: Buffer): Buffer[] => {
  const elements: Buffer[] = [];
  for (let at = 0; at < raw.length; at += 4 + raw.readUInt32LE(at)) elements.push(raw.subarray(at + 4, at + 4 + raw.readUInt32LE(at)));
  return elements;
};

const elementsOf = (message: JsonObject): Buffer[] => {
  const [raw] = (message.rawOutputContents ?? message.rawInputContents ?? []) as string[];
  if (raw !== undefined) return splitRaw(Buffer.from(raw, "base64"));
  const [tensor] = (message.outputs ?? message.inputs ?? []) as { contents?: { bytesContents?: string[] } }[];
  return (tensor?.contents?.bytesContents ?? []).map((element) => Buffer.from(element, "base64"));
};

const framesOf = (body: Buffer): Buffer[] => {
  const payloads: Buffer[] = [];
  new FrameReader({ messageBytes: 1 << 20, tooLarge: () => new Error("too large") }).push(body, ({ payload }) => payloads.push(payload));
  return payloads;
};

const ask = async (method: string, type: string, answers: readonly JsonObject[], request: JsonObject) => {
  const frames = answers.map((answer) => frameOf(0, triton.write(type, answer)).wire);
  const headers = { ":status": 200, "content-type": "application/grpc" };
  upstream.answer = { headers, pieces: frames, trailers: { "grpc-status": "0" } };
  const { body, fields } = await caller.call(
    {
      ":path": `/inference.GRPCInferenceService/${method}`,
      "content-type": "application/grpc",
      "weir-connection": "triton",
      authorization: `Bearer ${key}`,
    },
    frameOf(0, triton.write("inference.ModelInferRequest", { modelName: "llm", ...request })).wire,
  );
  expect(fields[fields.indexOf("grpc-status") + 1]).toBe("0");
  return { body, messages: framesOf(body).map((bytes) => triton.read(type, bytes)) };
};

const infer = async (answer: JsonObject, request: JsonObject = {}) => {
  const { body, messages } = await ask("ModelInfer", "inference.ModelInferResponse", [answer], request);
  return { body, message: messages[0] ?? {} };
};

const stream = async (pieces: readonly Buffer[], encoding: Encoding, final: boolean): Promise<string> => {
  const parameters = (last: boolean) => (final ? { parameters: { triton_final_response: { boolParam: last } } } : {});
  const answers = pieces.map((piece) => ({ inferResponse: { id: "1", ...parameters(false), ...tensors("outputs", [piece], encoding) } }));
  const { messages } = await ask(
    "ModelStreamInfer",
    "inference.ModelStreamInferResponse",
    final ? [...answers, { inferResponse: { id: "1", ...parameters(true) } }] : answers,
    {},
  );
  return Buffer.concat(messages.flatMap(({ inferResponse }) => elementsOf((inferResponse ?? {}) as JsonObject).slice(0, 1))).toString();
};

describe.each(["typed", "raw"] as const)("strings in %s contents", (encoding) => {
  it("reach nobody with their secrets, in answers and in requests", async () => {
    for (const secret of secrets) {
      const text = Buffer.from(`see ${secret} now`);
      const { body, message } = await infer(
        tensors("outputs", [text, Buffer.from(harmless)], encoding),
        tensors("inputs", [text], encoding),
      );
      const [masked, untouched] = elementsOf(message);
      expect(masked?.toString()).toMatch(/^see .*\[.*\].* now$/);
      expect(untouched?.toString()).toBe(harmless);
      for (const bytes of [body, upstream.asked.body]) expect(bytes.includes(secret.slice(0, 12))).toBe(false);
      expect(framesOf(upstream.asked.body).map((asked) => elementsOf(triton.read("inference.ModelInferRequest", asked)).join())).toEqual([
        expect.stringMatching(/^see .*\[.*\].* now$/),
      ]);
    }
  });

  it("go on byte for byte where there is nothing to mask, numbers among them", async () => {
    const answer = tensors("outputs", [Buffer.from(harmless), Buffer.from("")], encoding);
    const { message } = await infer(answer);
    expect(message).toEqual(answer);
  });

  it.each([true, false])("hide a secret that is cut at any byte over a stream's messages (final responses: %s)", async (final) => {
    for (const secret of secrets) {
      const text = Buffer.from(`é ${secret} ü`);
      for (let at = 1; at < text.length; at++) {
        const received = await stream([text.subarray(0, at), text.subarray(at)], encoding, final);
        expect(received).toMatch(/^é \[.*\] ü$/);
      }
    }
  });

  it("spell the same text where there is nothing to mask, however a stream cuts it", async () => {
    const text = Buffer.from(harmless);
    for (let at = 1; at < text.length; at++)
      expect(await stream([text.subarray(0, at), text.subarray(at)], encoding, at % 2 === 0)).toBe(harmless);
  });
});

it("token ids in place of text are refused", async () => {
  const output_ids = { outputs: [{ name: "output_ids", datatype: "INT32", shape: ["2"], contents: { intContents: [5, 6] } }] };
  upstream.answer = {
    headers: { ":status": 200, "content-type": "application/grpc" },
    pieces: [frameOf(0, triton.write("inference.ModelInferResponse", output_ids)).wire],
    trailers: { "grpc-status": "0" },
  };
  const { fields, body } = await caller.call(
    {
      ":path": "/inference.GRPCInferenceService/ModelInfer",
      "content-type": "application/grpc",
      "weir-connection": "triton",
      authorization: `Bearer ${key}`,
    },
    frameOf(0, Buffer.alloc(0)).wire,
  );
  expect([fields[fields.indexOf("grpc-status") + 1], body.length]).toEqual(["7", 0]);
});
