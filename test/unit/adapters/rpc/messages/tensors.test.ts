import { describe, expect, it } from "vitest";
import type { ReadMessage } from "../../../../../adapters/rpc/messages/index.ts";
import { base64, ModelServer, rawTensor } from "../../../../support/model-servers.ts";

const service = "inference.GRPCInferenceService";
const triton = await ModelServer.of("triton");
const infer = triton.method(service, "ModelInfer");

const textsAt = ({ spans }: ReadMessage): readonly (readonly [string, string, string])[] =>
  spans.filter(({ author }) => author !== "data").map(({ path, text, author }) => [path.join("/"), text, author]);

const changed = (read: ReadMessage, from: string, to: string): Uint8Array =>
  read.rewrite(read.spans.map(({ text }) => text.replaceAll(from, to)));

const tensor = (name: string, elements: number, more: object = {}) => ({ name, datatype: "BYTES", shape: [String(elements)], ...more });

describe("text tensors of KServe's protocol", () => {
  it("shows and rewrites strings in an answer's contents", () => {
    const read = infer.response.open("proto").read(
      triton.write("inference.ModelInferResponse", {
        modelName: "m",
        outputs: [tensor("answer", 2, { contents: { bytesContents: [base64("call me at"), base64("ann@example.com")] } })],
      }),
    );
    expect(read.visibility).toBe("whole");
    expect(textsAt(read)).toEqual([
      ["outputs/answer/0", "call me at", "assistant"],
      ["outputs/answer/1", "ann@example.com", "assistant"],
    ]);
    expect(triton.read("inference.ModelInferResponse", changed(read, "ann@example.com", "[EMAIL]")).outputs).toEqual([
      tensor("answer", 2, { contents: { bytesContents: [base64("call me at"), base64("[EMAIL]")] } }),
    ]);
  });

  it("shows and rewrites strings in raw contents, under the same paths", () => {
    const score = Buffer.alloc(8, 0x41);
    const read = infer.response.open("proto").read(
      triton.write("inference.ModelInferResponse", {
        outputs: [{ name: "score", datatype: "FP64", shape: ["1"] }, tensor("answer", 3)],
        rawOutputContents: [base64(score), base64(rawTensor(["a", "", "ann@example.com"]))],
      }),
    );
    expect(read.visibility).toBe("whole");
    expect(textsAt(read).map(([path, text]) => [path, text])).toEqual([
      ["outputs/answer/0", "a"],
      ["outputs/answer/1", ""],
      ["outputs/answer/2", "ann@example.com"],
    ]);
    const back = triton.read("inference.ModelInferResponse", changed(read, "ann@example.com", "[EMAIL]"));
    expect(back.rawOutputContents).toEqual([base64(score), base64(rawTensor(["a", "", "[EMAIL]"]))]);
  });

  it("takes a prompt's strings for what a user says, and pairs raw inputs with those that have any", () => {
    const shared = { parameters: { shared_memory_region: { stringParam: "region" } } };
    const read = infer.request.open("proto").read(
      triton.write("inference.ModelInferRequest", {
        modelName: "llm",
        parameters: { max_tokens: { int64Param: "128" } },
        inputs: [tensor("mapped", 1, shared), tensor("prompt", 1)],
        rawInputContents: [base64(rawTensor(["who is ann?"]))],
      }),
    );
    expect(textsAt(read)).toEqual([["inputs/prompt/0", "who is ann?", "user"]]);
    expect([read.models, read.maxOutputTokens]).toEqual([["llm"], 128]);
  });

  it("cannot read raw contents that pair with no tensor, or are cut", () => {
    const outputs = [tensor("a", 1)];
    for (const rawOutputContents of [["AAAA", "AAAA"], [base64(rawTensor(["text"]).subarray(0, 6))], [base64("abc")]]) {
      const bytes = triton.write("inference.ModelInferResponse", { outputs, rawOutputContents });
      expect(infer.response.open("proto").read(bytes).visibility).toBe("none");
    }
  });

  it("says that elements which are no text cannot be read, and leaves them", () => {
    const image = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
    const read = infer.response.open("proto").read(
      triton.write("inference.ModelInferResponse", {
        outputs: [tensor("a", 2)],
        rawOutputContents: [base64(rawTensor([image, "ann@example.com"]))],
      }),
    );
    expect([read.visibility, textsAt(read).map(([, text]) => text)]).toEqual(["partial", ["ann@example.com"]]);
    expect(triton.read("inference.ModelInferResponse", changed(read, "ann@example.com", "")).rawOutputContents).toEqual([
      base64(rawTensor([image, ""])),
    ]);
  });

  it("shows tensors of bytes that spell a text, and leaves those that do not", () => {
    const bytes = (name: string, content: Buffer) => ({ name, datatype: "UINT8", shape: [String(content.length)] });
    const text = Buffer.from("write to ann@example.com");
    const pixels = Buffer.from([0, 1, 2, 0x41, 0x42, 0x43]);
    const message = { outputs: [bytes("spelt", text), bytes("image", pixels)], rawOutputContents: [base64(text), base64(pixels)] };
    const read = infer.response.open("proto").read(triton.write("inference.ModelInferResponse", message));
    expect([read.visibility, read.spans.filter(({ path }) => path[0] === "rawOutputContents").map(({ text: shown }) => shown)]).toEqual([
      "whole",
      ["write to ann@example.com"],
    ]);
  });

  it("cannot read answers that spell text as token ids", () => {
    const outputs = [{ name: "output_ids", datatype: "INT32", shape: ["2"], contents: { intContents: [5, 6] } }];
    expect(infer.response.open("proto").read(triton.write("inference.ModelInferResponse", { outputs })).visibility).toBe("none");
  });

  it("refuses to guess at tensors in JSON's raw contents", () => {
    const message = { outputs: [tensor("a", 1)], rawOutputContents: [base64(rawTensor(["text"]))] };
    expect(infer.response.open("json").read(Buffer.from(JSON.stringify(message))).visibility).toBe("none");
    const contents = { outputs: [tensor("a", 1, { contents: { bytesContents: [base64("text")] } })] };
    expect(textsAt(infer.response.open("json").read(Buffer.from(JSON.stringify(contents)))).map(([, text]) => text)).toEqual(["text"]);
  });
});

describe("tensors of TensorFlow Serving", async () => {
  const serving = await ModelServer.of("tfserving");
  const predict = serving.method("tensorflow.serving.PredictionService", "Predict");
  const strings = (more: object) => ({ dtype: "DT_STRING", tensorShape: { dim: [{ size: "2" }] }, ...more });

  it("shows and rewrites string values", () => {
    const answer = { outputs: { text: strings({ stringVal: [base64("ann@example.com"), base64("x")] }) } };
    const read = predict.response.open("proto").read(serving.write("tensorflow.serving.PredictResponse", answer));
    expect(read.visibility).toBe("whole");
    expect(textsAt(read).map(([path, text]) => [path, text])).toEqual([
      ["outputs/text/stringVal/0", "ann@example.com"],
      ["outputs/text/stringVal/1", "x"],
    ]);
    expect(serving.read("tensorflow.serving.PredictResponse", changed(read, "ann@example.com", "[EMAIL]"))).toEqual({
      outputs: { text: strings({ stringVal: [base64("[EMAIL]"), base64("x")] }) },
    });
  });

  it("shows and rewrites the features of Examples inside string values", () => {
    const example = (text: string) =>
      serving.write("tensorflow.Example", {
        features: { feature: { note: { bytesList: { value: [base64(text)] } }, age: { int64List: { value: ["4"] } } } },
      });
    const request = {
      modelSpec: { name: "churn" },
      inputs: { examples: strings({ stringVal: [base64(example("ann@example.com")), base64("plain")] }) },
    };
    const read = predict.request.open("proto").read(serving.write("tensorflow.serving.PredictRequest", request));
    expect([read.visibility, read.models]).toEqual(["whole", ["churn"]]);
    expect(read.spans.filter(({ text }) => text === "ann@example.com").map(({ path }) => path)).toEqual([
      ["inputs", "examples", "stringVal", 0, "features", "feature", "note", "bytesList", "value", 0],
    ]);
    const back = serving.read("tensorflow.serving.PredictRequest", changed(read, "ann@example.com", "[EMAIL] and more"));
    expect(back.inputs).toEqual({ examples: strings({ stringVal: [base64(example("[EMAIL] and more")), base64("plain")] }) });
  });

  it("shows and rewrites strings written as tensor content, whose lengths stand before them all", () => {
    const content = (...texts: string[]) => Buffer.concat([Buffer.from(texts.map((text) => text.length)), Buffer.from(texts.join(""))]);
    const answer = { outputs: { text: strings({ tensorContent: base64(content("ann@example.com", "x")) }) } };
    const read = predict.response.open("proto").read(serving.write("tensorflow.serving.PredictResponse", answer));
    expect(textsAt(read).map(([, text]) => text)).toEqual(["ann@example.com", "x"]);
    expect(serving.read("tensorflow.serving.PredictResponse", changed(read, "ann@example.com", "[E]"))).toEqual({
      outputs: { text: strings({ tensorContent: base64(content("[E]", "x")) }) },
    });
  });

  it("leaves the content of number tensors alone", () => {
    const answer = { outputs: { p: { dtype: "DT_FLOAT", tensorShape: { dim: [{ size: "1" }] }, tensorContent: "//8AAA==" } } };
    const read = predict.response.open("proto").read(serving.write("tensorflow.serving.PredictResponse", answer));
    expect([read.visibility, read.spans.map(({ text }) => text)]).toEqual(["whole", ["p"]]);
  });

  it("names every model of a multiple inference, and shows the labels of classes", () => {
    const multi = serving.method("tensorflow.serving.PredictionService", "MultiInference").request.open("proto");
    const tasks = ["one", "two", "one"].map((name) => ({ modelSpec: { name } }));
    expect(multi.read(serving.write("tensorflow.serving.MultiInferenceRequest", { tasks })).models).toEqual(["one", "two"]);
    const classify = serving.method("tensorflow.serving.PredictionService", "Classify").response.open("proto");
    const result = { classifications: [{ classes: [{ label: "ann@example.com", score: 1 }] }] };
    expect(
      classify
        .read(serving.write("tensorflow.serving.ClassificationResponse", { result }))
        .spans.map(({ path, text }) => [path.join("/"), text]),
    ).toEqual([["result/classifications/0/classes/0/label", "ann@example.com"]]);
  });
});
