/** The readers of RPC messages, the core's loop and the real masker together: however an answer is cut into messages, its text is masked as a whole. */

import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registryOf } from "../../adapters/rpc/messages/descriptor-set.ts";
import { ConnectionMessages } from "../../adapters/rpc/messages/index.ts";
import { parseProtoFiles } from "../../adapters/rpc/messages/proto-files.ts";
import { compile } from "../../policy/masking/index.ts";
import { maskedMessages } from "../support/message-stream.ts";
import { base64, chatProto, connectionWith, ModelServer, nobody, rawTensor } from "../support/model-servers.ts";

const program = compile([
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "ssn", pattern: "\\b\\d{3}-\\d{2}-\\d{4}\\b" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
]);
const secrets = ["a.b@example.com", "536-22-8741", "AKIAQ3EGRIJ5KZT7XW2M"];
const words = fc
  .array(fc.constantFrom(...secrets, "hello ", "x", " ", "12-", "é", "😀", "AKIA"), { maxLength: 8 })
  .map((parts) => parts.join(""));
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

/** A text in pieces of bytes: cuts go through characters as well. */
const cutBytes = (text: string, lengths: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
};

const interleave = <T>(left: readonly T[], right: readonly T[]): T[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [left[at], right[at]]).flatMap((pair) =>
    pair.filter((each) => each !== undefined),
  );

interface Shape {
  readonly raw: boolean;
  /** Whether answers say which is the last. */
  readonly finals: boolean;
  readonly wrapped: boolean;
}

const wrap = (response: JsonObject, { wrapped }: Shape): JsonObject => (wrapped ? { inferResponse: response } : response);

/** The messages of one answer of two elements, the second of which never changes. */
const answerOf = (id: string, text: string, lengths: readonly number[], shape: Shape): JsonObject[] => {
  const messages = cutBytes(text, lengths).map((piece): JsonObject => {
    const tensor = { name: "text", datatype: "BYTES", shape: ["1", "2"] };
    const elements = [piece, Buffer.from("")];
    const parameters = shape.finals ? { parameters: { triton_final_response: { boolParam: false } } } : {};
    const response = shape.raw
      ? { outputs: [tensor], rawOutputContents: [base64(rawTensor(elements))] }
      : { outputs: [{ ...tensor, contents: { bytesContents: elements.map(base64) } }] };
    return wrap({ id, modelName: "llm", ...parameters, ...response }, shape);
  });
  const last = wrap({ id, modelName: "llm", parameters: { triton_final_response: { boolParam: true } } }, shape);
  return shape.finals ? [...messages, last] : messages;
};

const elementsOf = (response: JsonObject): readonly Buffer[] => {
  const [output] = (response.outputs ?? []) as { contents?: { bytesContents?: string[] } }[];
  const raw = Buffer.from(((response.rawOutputContents ?? [""]) as string[])[0] ?? "", "base64");
  if (output?.contents?.bytesContents !== undefined) return output.contents.bytesContents.map((element) => Buffer.from(element, "base64"));
  const elements: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const end = at + 4 + raw.readUInt32LE(at);
    elements.push(raw.subarray(at + 4, end));
    at = end;
  }
  return elements;
};

/** What a client puts together of the first element of one request's answer. */
const assembled = (responses: readonly JsonObject[], id: string): string =>
  Buffer.concat(responses.filter((response) => response.id === id).flatMap((response) => elementsOf(response).slice(0, 1))).toString();

const shapes: readonly (Shape & { readonly server: "triton" | "mlserver"; readonly type: string })[] = [
  { server: "triton", type: "inference.ModelStreamInferResponse", raw: true, finals: true, wrapped: true },
  { server: "triton", type: "inference.ModelStreamInferResponse", raw: false, finals: false, wrapped: true },
  { server: "mlserver", type: "inference.ModelInferResponse", raw: true, finals: false, wrapped: false },
  { server: "mlserver", type: "inference.ModelInferResponse", raw: false, finals: false, wrapped: false },
];

for (const shape of shapes) {
  const { server: name, type, raw, finals } = shape;
  describe(`text tensors streamed by ${name}, ${raw ? "raw" : "typed"}`, async () => {
    const server = await ModelServer.of(name);
    const { response } = server.method("inference.GRPCInferenceService", "ModelStreamInfer");
    const end = { complete: finals };

    it("are masked as if they came at once, each request's apart", async () => {
      await fc.assert(
        fc.asyncProperty(words, words, sizes, fc.integer({ min: 1, max: 4 }), async (left, right, lengths, batch) => {
          const sent = interleave(answerOf("1", left, lengths, shape), answerOf("2", right, lengths, shape));
          const messages = sent.map((message) => server.write(type, message));
          const out = await maskedMessages(response.open("proto"), messages, { program, batch });
          const received = out
            .map((bytes) => server.read(type, bytes))
            .map((message) => (shape.wrapped ? (message.inferResponse as JsonObject) : message));
          expect(assembled(received, "1")).toBe(program.mask(left, "plain", end));
          expect(assembled(received, "2")).toBe(program.mask(right, "plain", end));
          for (const { modelName, outputs } of received) {
            expect(modelName).toBe("llm");
            if (outputs !== undefined)
              expect((outputs as JsonObject[])[0]).toMatchObject({ name: "text", datatype: "BYTES", shape: ["1", "2"] });
          }
        }),
        { numRuns: 50 },
      );
    });
  });
}

interface Choice {
  readonly delta?: { readonly text?: string; readonly audioText?: string };
}

/** A text in pieces that are text: cuts go between characters. */
const cutText = (text: string, lengths: readonly number[]): string[] => {
  const characters = [...text];
  const pieces: string[] = [];
  for (let turn = 0; characters.length > 0; turn++) pieces.push(characters.splice(0, lengths[turn % lengths.length] ?? 1).join(""));
  return pieces;
};

describe("fields that a connection joins", async () => {
  const messages = new ConnectionMessages(nobody);
  const connection = connectionWith({
    source: { kind: "proto", paths: [chatProto.path], roots: chatProto.roots },
    join: ["demo.v1.Delta.text", "demo.v1.Delta.audio_text"],
  });
  await messages.prepare([connection]);
  const method = messages.method(connection, "demo.v1.Chat", "Talk");
  if (method === undefined) throw new Error("the descriptors have no method");

  const registry = registryOf(await parseProtoFiles([chatProto.path], chatProto.roots));
  const descriptor = registry.getMessage("demo.v1.Answer");
  if (descriptor === undefined) throw new Error("the descriptors have no message");

  it.each(["proto", "json"] as const)("are masked as if they came at once, in %s", async (encoding) => {
    const write = (message: JsonObject): Uint8Array =>
      encoding === "json" ? Buffer.from(JSON.stringify(message)) : toBinary(descriptor, fromJson(descriptor, message, { registry }));
    const read = (bytes: Uint8Array): Choice[] => {
      const message =
        encoding === "json" ? JSON.parse(Buffer.from(bytes).toString()) : toJson(descriptor, fromBinary(descriptor, bytes), { registry });
      return (message as { choices?: Choice[] }).choices ?? [];
    };
    await fc.assert(
      fc.asyncProperty(words, words, sizes, fc.integer({ min: 1, max: 4 }), async (left, right, lengths, batch) => {
        const first = cutText(left, lengths).map((text) => ({ choices: [{ delta: { text } }] }));
        const second = cutBytes(right, lengths).map((piece) => ({ choices: [{}, { delta: { audioText: base64(piece) } }] }));
        const out = await maskedMessages(method.response.open(encoding), interleave<JsonObject>(first, second).map(write), {
          program,
          batch,
        });
        const choices = out.map(read);
        const end = { complete: false };
        expect(choices.map(([choice]) => choice?.delta?.text ?? "").join("")).toBe(program.mask(left, "plain", end));
        const audio = Buffer.concat(choices.map(([, choice]) => Buffer.from(choice?.delta?.audioText ?? "", "base64")));
        expect(audio.toString()).toBe(program.mask(right, "plain", end));
      }),
    );
  });
});
