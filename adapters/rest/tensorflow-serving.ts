/** TensorFlow Serving's REST API (tensorflow/serving `docs/api_rest.md`). */

import { compileRows, type DialectRow } from "./dialect.ts";

/** A model, and one version or label of it. */
const models = ["/v1/models/{model}", "/v1/models/{model}/versions/*", "/v1/models/{model}/labels/*"];

const rowsOf = (model: string): readonly DialectRow[] => [
  { method: "POST", template: `${model}:predict`, name: "predict", class: "inference", body: "json" },
  { method: "POST", template: `${model}:classify`, name: "classify", class: "inference", body: "json" },
  { method: "POST", template: `${model}:regress`, name: "regress", class: "inference", body: "json" },
  { method: "GET", template: `${model}/metadata`, name: "metadata", class: "inference" },
  // A colon begins a verb; one that is not above is none that anybody has described.
  { method: undefined, template: `${model}:*`, class: "control" },
  { method: "GET", template: model, name: "status", class: "inference" },
];

export const tensorflowServing = compileRows([
  ...models.flatMap(rowsOf),
  { method: undefined, template: "/v1/models/**", class: "control" },
  { method: undefined, template: "/monitoring/**", class: "control" },
]);
