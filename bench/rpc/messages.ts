/**
 * What reading the text of RPC messages costs: CPU per message of scanning (no text changes), of splicing a changed text in, and of what protobuf-es takes
 * to decode and encode the same message. Usage: tsx bench/rpc/messages.ts [--write FILE]
 */

import { writeFileSync } from "node:fs";
import { createFileRegistry, type DescMessage, fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { MessageText } from "../../adapters/rpc/messages/index.ts";
import { upstreamDescriptors } from "../../src/gen/upstream/descriptors.ts";
import { base64, ModelServer, rawTensor } from "../../test/support/model-servers.ts";

/** CPU time that each measure runs for, milliseconds; the first part only warms it up. */
const warmUp = 200;
const measured = 1_000;

/** Microseconds of CPU that one run of `step` takes. */
const cost = (step: () => unknown): number => {
  const spend = (milliseconds: number): number => {
    const from = process.cpuUsage();
    let runs = 0;
    for (let spent = 0; spent < milliseconds * 1_000; runs += 64) {
      for (let turn = 0; turn < 64; turn++) step();
      const { user, system } = process.cpuUsage(from);
      spent = user + system;
    }
    const { user, system } = process.cpuUsage(from);
    return (user + system) / runs;
  };
  spend(warmUp);
  return spend(measured);
};

interface Subject {
  readonly name: string;
  readonly text: MessageText;
  readonly descriptor: DescMessage;
  readonly message: JsonObject;
}

const registry = createFileRegistry(
  ...(["triton", "tfserving"] as const).map((name) =>
    createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(upstreamDescriptors[name], "base64"))),
  ),
);

const typeOf = (name: string): DescMessage => {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
};

const prepare = async (): Promise<readonly Subject[]> => {
  const triton = await ModelServer.of("triton");
  const serving = await ModelServer.of("tfserving");
  const infer = triton.method("inference.GRPCInferenceService", "ModelInfer");
  const stream = triton.method("inference.GRPCInferenceService", "ModelStreamInfer");
  const predict = serving.method("tensorflow.serving.PredictionService", "Predict");
  const sentence = "The quick brown fox jumps over the lazy dog, twice. ";
  const tensor = (elements: number) => ({ name: "text_output", datatype: "BYTES", shape: [String(elements)] });
  const head = { modelName: "llm", modelVersion: "1", id: "42" };
  const many = Array.from({ length: 100 }, () => sentence);
  return [
    {
      name: "one streamed token",
      text: stream.response,
      descriptor: typeOf("inference.ModelStreamInferResponse"),
      message: { inferResponse: { ...head, outputs: [tensor(1)], rawOutputContents: [base64(rawTensor([" word"]))] } },
    },
    {
      name: "100 strings, typed",
      text: infer.response,
      descriptor: typeOf("inference.ModelInferResponse"),
      message: { ...head, outputs: [{ ...tensor(100), contents: { bytesContents: many.map(base64) } }] },
    },
    {
      name: "100 strings, raw",
      text: infer.response,
      descriptor: typeOf("inference.ModelInferResponse"),
      message: { ...head, outputs: [tensor(100)], rawOutputContents: [base64(rawTensor(many))] },
    },
    {
      name: "100,000 floats",
      text: infer.response,
      descriptor: typeOf("inference.ModelInferResponse"),
      message: {
        ...head,
        outputs: [{ name: "p", datatype: "FP32", shape: ["100000"] }],
        rawOutputContents: [base64(Buffer.alloc(400_000, 7))],
      },
    },
    {
      name: "100 strings of TensorFlow",
      text: predict.response,
      descriptor: typeOf("tensorflow.serving.PredictResponse"),
      message: { outputs: { text: { dtype: "DT_STRING", tensorShape: { dim: [{ size: "100" }] }, stringVal: many.map(base64) } } },
    },
  ];
};

const lines: string[] = [];
const row = (...cells: readonly (string | number)[]): void => {
  lines.push(`| ${cells.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell)).join(" | ")} |`);
  console.log(lines.at(-1));
};

row("message", "encoding", "bytes", "read, µs", "read and splice, µs", "protobuf-es decode and encode, µs", "read : protobuf-es");
row("---", "---", "---", "---", "---", "---", "---");
for (const { name, text, descriptor, message } of await prepare()) {
  const decoded = fromJson(descriptor, message, { registry });
  const binary = toBinary(descriptor, decoded);
  const json = Buffer.from(JSON.stringify(toJson(descriptor, decoded, { registry })));
  for (const encoding of ["proto", "json"] as const) {
    const bytes = encoding === "proto" ? Buffer.from(binary) : json;
    const reader = text.open(encoding);
    if (reader.read(bytes).visibility === "none") continue;
    const scan = cost(() => {
      const read = reader.read(bytes);
      return read.rewrite(read.spans.map(({ text: own }) => own));
    });
    const spliced = cost(() => {
      const read = reader.read(bytes);
      return read.rewrite(read.spans.map(({ text: own, author }) => (author === "assistant" ? `${own}!` : own)));
    });
    const generated = cost(() =>
      encoding === "proto"
        ? toBinary(descriptor, fromBinary(descriptor, bytes))
        : JSON.stringify(toJson(descriptor, fromJson(descriptor, JSON.parse(bytes.toString()), { registry }), { registry })),
    );
    row(name, encoding, String(bytes.length), scan, spliced, generated, scan / generated);
  }
}

const [, , option, file] = process.argv;
if (option === "--write" && file !== undefined) {
  writeFileSync(
    file,
    `# What reading RPC messages costs, measured

Made by \`npx tsx bench/rpc/messages.ts --write docs/measured/messages.md\`; microseconds of CPU per message, one thread, Node ${process.versions.node}. *Read*: every text is
found and nothing changes, so that the bytes go on as they came. *Read and splice*: every string of the model's changes. Beside it protobuf-es decodes the message and encodes it again, which
is what a proxy of generated code does; of raw contents and numbers it sees bytes alone. Only the ratios count.

${lines.join("\n")}
`,
  );
}
