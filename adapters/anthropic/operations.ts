/** Which operation a method and a path under `/v1/` are. */

import type { Operation } from "../../src/envelope/call.ts";

/** What the adapter does for an operation: the kinds differ in their tables and in how they are forwarded. */
export type AnthropicOperation =
  | { readonly kind: "messages"; readonly operation: Operation }
  | { readonly kind: "count"; readonly operation: Operation }
  | { readonly kind: "models"; readonly operation: Operation }
  | { readonly kind: "model"; readonly operation: Operation; readonly model: string }
  /** What nobody has described in a table: walked both ways, and allowed only where a policy has its exact name. */
  | { readonly kind: "unknown"; readonly operation: Operation };

const inference = (name: string): Operation => ({ name, class: "inference" });

const modelsPath = "/v1/models";

/** Operations on objects that the API keeps, by method and path; `{id}` is any one segment. */
const dataOperations: readonly (readonly [method: string, path: RegExp, name: string])[] = [
  ["POST", /^\/v1\/messages\/batches$/, "messages.batches.create"],
  ["GET", /^\/v1\/messages\/batches$/, "messages.batches.list"],
  ["GET", /^\/v1\/messages\/batches\/[^/]+$/, "messages.batches.get"],
  ["DELETE", /^\/v1\/messages\/batches\/[^/]+$/, "messages.batches.delete"],
  ["POST", /^\/v1\/messages\/batches\/[^/]+\/cancel$/, "messages.batches.cancel"],
  ["GET", /^\/v1\/messages\/batches\/[^/]+\/results$/, "messages.batches.results"],
  ["POST", /^\/v1\/files$/, "files.create"],
  ["GET", /^\/v1\/files$/, "files.list"],
  ["GET", /^\/v1\/files\/[^/]+$/, "files.get"],
  ["DELETE", /^\/v1\/files\/[^/]+$/, "files.delete"],
  ["GET", /^\/v1\/files\/[^/]+\/content$/, "files.content"],
];

/** The id that a path names below `/v1/models/`; undefined when there is none or it cannot be read. */
const modelId = (path: string): string | undefined => {
  if (!path.startsWith(`${modelsPath}/`) || path.length === modelsPath.length + 1) return undefined;
  try {
    return decodeURIComponent(path.slice(modelsPath.length + 1));
  } catch {
    return undefined;
  }
};

/** The operation of a method and a canonical path. An unknown one is named after both: `POST /v1/skills`. */
export const operationOf = (method: string, path: string): AnthropicOperation => {
  if (method === "POST" && path === "/v1/messages") return { kind: "messages", operation: inference("messages") };
  if (method === "POST" && path === "/v1/messages/count_tokens") return { kind: "count", operation: inference("messages.count_tokens") };
  if (method === "GET" && path === modelsPath) return { kind: "models", operation: inference("models.list") };
  const model = method === "GET" ? modelId(path) : undefined;
  if (model !== undefined) return { kind: "model", operation: inference("models.get"), model };
  const data = dataOperations.find(([verb, form]) => verb === method && form.test(path));
  if (data !== undefined) return { kind: "unknown", operation: { name: data[2], class: "data" } };
  return { kind: "unknown", operation: { name: `${method} ${path}`, class: "control" } };
};
