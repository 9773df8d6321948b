import { describe, expect, it } from "vitest";
import { operationOf } from "../../../../adapters/rest/operations.ts";
import type { PathOperation } from "../../../../src/envelope/call.ts";

const named = (method: string, path: string, operations: readonly PathOperation[] = []) => {
  const { operation, model } = operationOf(method, path, operations);
  return [operation.name, operation.class, model];
};

describe("the operation of a path", () => {
  it.each([
    ["POST", "/v1/models/half:predict", "predict", "half"],
    ["POST", "/v1/models/half/versions/3:predict", "predict", "half"],
    ["POST", "/v1/models/half/labels/stable:classify", "classify", "half"],
    ["POST", "/v1/models/half:regress", "regress", "half"],
    ["GET", "/v1/models/half", "status", "half"],
    ["GET", "/v1/models/half/versions/3/metadata", "metadata", "half"],
  ])("of TensorFlow Serving is known: %s %s", (method, path, name, model) => {
    expect(named(method, path)).toEqual([name, "inference", model]);
  });

  it.each([
    ["GET", "/v2", "server.metadata", undefined],
    ["GET", "/v2/health/ready", "ready", undefined],
    ["HEAD", "/v2/health/live", "live", undefined],
    ["GET", "/v2/models/bert", "metadata", "bert"],
    ["GET", "/v2/models/bert/versions/1/ready", "ready", "bert"],
    ["POST", "/v2/models/bert/infer", "infer", "bert"],
    ["POST", "/v2/models/bert/versions/1/infer", "infer", "bert"],
    ["POST", "/v2/models/bert/generate", "generate", "bert"],
    ["POST", "/v2/models/bert/generate_stream", "generate_stream", "bert"],
    ["POST", "/v2/models/bert/infer_stream", "infer_stream", "bert"],
    ["POST", "/v2/models/my%20bert/infer", "infer", "my bert"],
  ])("of the Open Inference Protocol is known: %s %s", (method, path, name, model) => {
    expect(named(method, path)).toEqual([name, "inference", model]);
  });

  it.each([
    ["POST", "/v2/repository/index", "index"],
    ["POST", "/v2/repository/models/bert/load", "load"],
    ["POST", "/v2/repository/central/models/bert/unload", "unload"],
    ["GET", "/v2/systemsharedmemory/status", "sharedmemory.status"],
    ["POST", "/v2/cudasharedmemory/region/a/register", "sharedmemory.register"],
    ["GET", "/v2/trace/setting", "trace"],
    ["POST", "/v2/models/bert/trace/setting", "trace"],
    ["POST", "/v2/logging", "logging"],
    ["POST", "/v2/models/bert/reload", "POST /v2/models/bert/reload"],
    ["DELETE", "/v1/models/half", "DELETE /v1/models/half"],
    ["POST", "/v1/models/half:train", "POST /v1/models/half:train"],
    ["OPTIONS", "/predict", "OPTIONS /predict"],
    ["POST", "/v2/repository;a/index", "POST /v2/repository;a/index"],
    ["PROPFIND", "/predict", "PROPFIND /predict"],
  ])("that controls a server, or that nobody has described, needs its exact name: %s %s", (method, path, name) => {
    expect(named(method, path).slice(0, 2)).toEqual([name, "control"]);
  });

  it("of an endpoint of one's own is its method and path", () => {
    expect(named("POST", "/predict")).toEqual(["POST /predict", "inference", undefined]);
    expect(named("GET", "/v2/predict")).toEqual(["GET /v2/predict", "inference", undefined]);
  });

  it.each([
    ["/customers/ann%40x.example/score", "/customers/*/score"],
    ["/customers/536-22-8741", "/customers/*"],
    ["/keys/AKIAQ3EGRIJ5KZT7XW2M", "/keys/*"],
    ["/keys/AKIAABCDEFGHIJKLMNO2", "/keys/*"],
    ["/orders/12345/lines/7", "/orders/*/lines/*"],
    ["/api/v1/generateText", "/api/v1/generateText"],
    ["/models/resnet50/predict_v2", "/models/resnet50/predict_v2"],
    ["/predict/", "/predict/"],
  ])("names nothing of the caller's: %s", (path, name) => {
    expect(named("GET", path).slice(0, 2)).toEqual([`GET ${name}`, "inference"]);
  });

  it("is what the connection declares, and nothing else where it declares anything", () => {
    const operations: readonly PathOperation[] = [
      { method: "POST", template: "/models/{model}/score", operation: { name: "score", class: "inference" } },
      { method: undefined, template: "/files/**", operation: { name: "files", class: "data" } },
      { method: "POST", template: "/v2/models/{model}/infer", operation: { name: "infer", class: "inference" } },
      { method: "GET", template: "/*/status", operation: { name: "status", class: "inference" } },
    ];
    expect(named("POST", "/models/churn/score", operations)).toEqual(["score", "inference", "churn"]);
    expect(named("GET", "/models/churn/score", operations)).toEqual(["GET /models/churn/score", "control", undefined]);
    expect(named("PUT", "/files", operations)).toEqual(["files", "data", undefined]);
    expect(named("PUT", "/files/a/b", operations)).toEqual(["files", "data", undefined]);
    expect(named("GET", "/x/status", operations)).toEqual(["status", "inference", undefined]);
    expect(named("GET", "/x/y/status", operations)).toEqual(["GET /x/y/status", "control", undefined]);
    expect(named("POST", "/v1/models/half:predict", operations)).toEqual(["POST /v1/models/half:predict", "control", undefined]);
    expect(operationOf("POST", "/v2/models/bert/infer", operations).body).toBe("tensors");
  });
});
