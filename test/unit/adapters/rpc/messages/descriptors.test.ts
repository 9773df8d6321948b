import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, describe, expect, it } from "vitest";
import { type AskUpstream, ConnectionMessages, DescriptorsUnavailable } from "../../../../../adapters/rpc/messages/index.ts";
import { parseProtoFiles } from "../../../../../adapters/rpc/messages/proto-files.ts";
import type { Descriptors } from "../../../../../src/envelope/call.ts";
import { chatProto, connectionWith, nobody } from "../../../../support/model-servers.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-descriptors-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, contents: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};

const prepared = async (descriptors: Descriptors, ask: AskUpstream = nobody) => {
  const connection = connectionWith(descriptors);
  const messages = new ConnectionMessages(ask);
  await messages.prepare([connection]);
  return (service: string, method: string) => messages.method(connection, service, method);
};

const chat: Descriptors = { source: { kind: "proto", paths: [chatProto.path], roots: chatProto.roots }, join: [] };

/** Field 1, 2 … of a delimited value. */
const delimited = (field: number, value: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([
    Buffer.from([field * 8 + 2, ...(bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7])]),
    bytes,
  ]);
};

describe("descriptors of a connection", () => {
  it.each([
    ["triton", "ModelStreamInfer", "bidi"],
    ["triton", "ModelInfer", "unary"],
    ["oip", "ModelInfer", "unary"],
    ["mlserver", "ModelStreamInfer", "bidi"],
  ] as const)("are built in for %s, %s", async (name, method, kind) => {
    const find = await prepared({ source: { kind: "builtin", name }, join: [] });
    expect(find("inference.GRPCInferenceService", method)?.kind).toBe(kind);
    expect(find("inference.GRPCInferenceService", "NoSuchMethod")).toBeUndefined();
  });

  it("are built in for every protocol with all of its services", async () => {
    const triton = await prepared({ source: { kind: "builtin", name: "triton" }, join: [] });
    for (const method of [
      "ModelConfig",
      "RepositoryModelLoad",
      "SystemSharedMemoryRegister",
      "TraceSetting",
      "LogSettings",
      "ModelStatistics",
    ])
      expect(triton("inference.GRPCInferenceService", method)).toBeDefined();
    const serving = await prepared({ source: { kind: "builtin", name: "tfserving" }, join: [] });
    for (const method of ["Predict", "Classify", "Regress", "MultiInference", "GetModelMetadata"])
      expect(serving("tensorflow.serving.PredictionService", method)).toBeDefined();
    expect(serving("tensorflow.serving.ModelService", "GetModelStatus")).toBeDefined();
    const mlserver = await prepared({ source: { kind: "builtin", name: "mlserver" }, join: [] });
    expect(mlserver("inference.model_repository.ModelRepositoryService", "RepositoryIndex")).toBeDefined();
  });

  it("come from .proto files with their imports, groups, extensions and maps", async () => {
    const find = await prepared(chat);
    const answer = find("demo.v1.Chat", "Ask")?.response.open("proto");
    const delta = Buffer.concat([
      delimited(1, "said"),
      Buffer.from([3 * 8 + 3]),
      delimited(1, "in a group"),
      Buffer.from([3 * 8 + 4]),
      delimited(4, "renamed"),
      Buffer.from([0xa2, 0x06, 5]),
      Buffer.from("added"),
    ]);
    const read = answer?.read(Buffer.concat([delimited(1, delimited(1, delta)), Buffer.from([0x18, 12, 0x20, 7])]));
    expect(read?.visibility).toBe("whole");
    expect(read?.spans.map(({ path, text }) => [path.join("/"), text])).toEqual([
      ["choices/0/delta/text", "said"],
      ["choices/0/delta/note/written", "in a group"],
      ["choices/0/delta/display", "renamed"],
      ["choices/0/delta/[demo.v1.extra]", "added"],
    ]);
    expect(read?.usage).toEqual({ input: 12, output: 7 });
  });

  it("tell model, limit of tokens and token ids by the names that model servers use", async () => {
    const find = await prepared(chat);
    const asked = find("demo.v1.Chat", "Ask")
      ?.request.open("proto")
      .read(Buffer.concat([delimited(1, "llm"), Buffer.from([0x18, 0x80, 1])]));
    expect([asked?.models, asked?.maxOutputTokens]).toEqual([["llm"], 128]);
    const ids = find("demo.v1.Chat", "Ask")
      ?.response.open("proto")
      .read(delimited(2, new Uint8Array([1, 2, 3])));
    expect(ids?.visibility).toBe("none");
  });

  it("come from a file of descriptors, without the well-known ones and without JSON names if need be", async () => {
    const [file] = await parseProtoFiles([chatProto.path], chatProto.roots);
    const bare = create(FileDescriptorProtoSchema, {
      name: "bare.proto",
      package: "bare",
      dependency: ["google/protobuf/struct.proto"],
      messageType: [
        {
          name: "M",
          field: [
            { name: "some_field", number: 1, type: 9, label: 1 },
            { name: "st", number: 2, type: 11, label: 1, typeName: ".google.protobuf.Struct" },
          ],
        },
      ],
      service: [{ name: "S", method: [{ name: "Do", inputType: ".bare.M", outputType: ".bare.M" }] }],
    });
    expect(file).toBeDefined();
    const path = fileOf("set.binpb", toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [bare] })));
    const find = await prepared({ source: { kind: "file", path }, join: [] });
    expect(find("bare.S", "Do")?.request.open("proto").read(delimited(1, "x")).spans[0]?.path).toEqual(["someField"]);
  });

  it("come from the server's reflection, older version and missing imports included", async () => {
    const inner = create(FileDescriptorProtoSchema, {
      name: "inner.proto",
      package: "r",
      messageType: [{ name: "I", field: [{ name: "t", number: 1, type: 9, label: 1 }] }],
    });
    const outer = create(FileDescriptorProtoSchema, {
      name: "outer.proto",
      package: "r",
      dependency: ["inner.proto"],
      service: [{ name: "S", method: [{ name: "Do", inputType: ".r.I", outputType: ".r.I", serverStreaming: true }] }],
    });
    const files = (file: typeof inner) => delimited(4, delimited(1, toBinary(FileDescriptorProtoSchema, file)));
    const asked: string[] = [];
    const ask: AskUpstream = async (_connection, path, requests) => {
      if (path.includes("grpc.reflection.v1.")) throw new Error("unimplemented");
      return requests.map((request) => {
        const question = Buffer.from(request).subarray(2).toString();
        asked.push(question);
        if (question === "*")
          return delimited(
            6,
            Buffer.concat([delimited(1, delimited(1, "r.S")), delimited(1, delimited(1, "grpc.reflection.v1alpha.ServerReflection"))]),
          );
        return question === "r.S" ? files(outer) : files(inner);
      });
    };
    const find = await prepared({ source: { kind: "reflection" }, join: [] }, ask);
    expect(asked).toEqual(["*", "r.S", "inner.proto"]);
    expect(find("r.S", "Do")?.kind).toBe("server-stream");
  });

  it.each([
    ["a file that is not there", { source: { kind: "file", path: "/nowhere.binpb" }, join: [] }, /ENOENT/],
    ["a server that does not answer", { source: { kind: "reflection" }, join: [] }, /nobody is there/],
    ["a joined field that nobody has", { ...chat, join: ["demo.v1.Delta.missing"] }, /demo\.v1\.Delta\.missing/],
    ["a .proto file that is not there", { source: { kind: "proto", paths: ["/nowhere.proto"], roots: [] }, join: [] }, /nowhere\.proto/],
  ] as const)("are refused in plain words for %s", async (_what, descriptors, words) => {
    await expect(prepared(descriptors)).rejects.toThrow(words);
    await expect(prepared(descriptors)).rejects.toMatchObject({ connection: "models" });
  });

  it("are refused in plain words for what is no .proto file and no descriptor", async () => {
    const broken = fileOf("broken.proto", "syntax = 'proto3'; message {");
    await expect(prepared({ source: { kind: "proto", paths: [broken], roots: [] }, join: [] })).rejects.toThrow(/line 1/);
    const noise = fileOf("noise.binpb", "this is not a descriptor");
    await expect(prepared({ source: { kind: "file", path: noise }, join: [] })).rejects.toBeInstanceOf(DescriptorsUnavailable);
  });

  it("stay as they were where a reload fails, and are not asked for again where nothing changed", async () => {
    let asked = 0;
    const messages = new ConnectionMessages(async () => {
      asked += 1;
      return asked > 1 ? Promise.reject(new Error("away")) : [];
    });
    const connection = connectionWith({ source: { kind: "reflection" }, join: [] });
    await messages.prepare([connection]);
    await messages.prepare([connection]);
    expect(asked).toBe(1);
    const builtIn = connectionWith({ source: { kind: "builtin", name: "oip" }, join: [] });
    await expect(
      messages.prepare([
        { ...builtIn, name: "other" },
        { ...connection, revision: "2" },
      ]),
    ).rejects.toThrow(/away/);
    expect(messages.method({ ...builtIn, name: "other" }, "inference.GRPCInferenceService", "ModelInfer")).toBeUndefined();
  });
});
