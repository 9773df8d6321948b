/**
 * The Open Inference Protocol (KServe v2) over REST, with the extensions of Triton (`docs/protocol/extension_*.md`) and MLServer.
 *
 * Loading and unloading, shared memory (by which tensors pass beside the gateway), trace and log settings are control operations.
 */

import { compileRows, type DialectRow } from "./dialect.ts";
import { generatePlaces, inferStreamPlaces } from "./joins.ts";

/** A model, and one version of it. */
const models = ["/v2/models/{model}", "/v2/models/{model}/versions/*"];

const rowsOf = (model: string): readonly DialectRow[] => [
  { method: "POST", template: `${model}/infer`, name: "infer", class: "inference", body: "tensors" },
  {
    method: "POST",
    template: `${model}/infer_stream`,
    name: "infer_stream",
    class: "inference",
    body: "tensors",
    joins: inferStreamPlaces,
  },
  { method: "POST", template: `${model}/generate`, name: "generate", class: "inference", body: "json" },
  {
    method: "POST",
    template: `${model}/generate_stream`,
    name: "generate_stream",
    class: "inference",
    body: "json",
    joins: generatePlaces,
  },
  { method: "GET", template: `${model}/ready`, name: "ready", class: "inference" },
  { method: "GET", template: `${model}/config`, name: "config", class: "inference" },
  { method: "GET", template: `${model}/stats`, name: "stats", class: "inference" },
  { method: "GET", template: model, name: "metadata", class: "inference" },
  { method: undefined, template: `${model}/trace/setting`, name: "trace", class: "control" },
];

const sharedMemory = (kind: string): readonly DialectRow[] => [
  { method: undefined, template: `/v2/${kind}/status`, name: "sharedmemory.status", class: "control" },
  { method: undefined, template: `/v2/${kind}/region/*/status`, name: "sharedmemory.status", class: "control" },
  { method: undefined, template: `/v2/${kind}/region/*/register`, name: "sharedmemory.register", class: "control", body: "json" },
  { method: undefined, template: `/v2/${kind}/region/*/unregister`, name: "sharedmemory.unregister", class: "control" },
  { method: undefined, template: `/v2/${kind}/unregister`, name: "sharedmemory.unregister", class: "control" },
  { method: undefined, template: `/v2/${kind}/**`, class: "control" },
];

export const openInference = compileRows([
  { method: "GET", template: "/v2", name: "server.metadata", class: "inference" },
  { method: "GET", template: "/v2/health/live", name: "live", class: "inference" },
  { method: "GET", template: "/v2/health/ready", name: "ready", class: "inference" },
  { method: "GET", template: "/v2/models/stats", name: "stats", class: "inference" },
  ...models.flatMap(rowsOf),
  { method: undefined, template: "/v2/models/**", class: "control" },
  { method: undefined, template: "/v2/repository/index", name: "index", class: "control", body: "json" },
  { method: undefined, template: "/v2/repository/*/models/{model}/load", name: "load", class: "control", body: "json" },
  { method: undefined, template: "/v2/repository/*/models/{model}/unload", name: "unload", class: "control", body: "json" },
  { method: undefined, template: "/v2/repository/models/{model}/load", name: "load", class: "control", body: "json" },
  { method: undefined, template: "/v2/repository/models/{model}/unload", name: "unload", class: "control", body: "json" },
  { method: undefined, template: "/v2/repository/**", class: "control" },
  ...sharedMemory("systemsharedmemory"),
  ...sharedMemory("cudasharedmemory"),
  ...sharedMemory("tpusharedmemory"),
  { method: undefined, template: "/v2/trace/setting", name: "trace", class: "control" },
  { method: undefined, template: "/v2/trace/**", class: "control" },
  { method: undefined, template: "/v2/logging", name: "logging", class: "control" },
  { method: undefined, template: "/v2/logging/**", class: "control" },
]);
