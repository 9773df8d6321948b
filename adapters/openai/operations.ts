/** Which operation a path under `/v1/` is. */

import type { Operation } from "../../src/envelope/call.ts";

/** What the adapter does for an operation: the kinds differ in their tables and in how they are forwarded. */
export type OpenaiOperation =
  | { readonly kind: "chat"; readonly operation: Operation }
  | { readonly kind: "embeddings"; readonly operation: Operation }
  | { readonly kind: "models"; readonly operation: Operation }
  | { readonly kind: "model"; readonly operation: Operation; readonly model: string }
  /** A path that nobody has described: walked both ways, and allowed only where a policy has its exact name. */
  | { readonly kind: "unknown"; readonly operation: Operation };

const inference = (name: string): Operation => ({ name, class: "inference" });

const modelsPath = "/v1/models";

/** The id that a path names below `/v1/models/`; undefined when there is none or it cannot be read. */
const modelId = (path: string): string | undefined => {
  if (!path.startsWith(`${modelsPath}/`) || path.length === modelsPath.length + 1) return undefined;
  try {
    return decodeURIComponent(path.slice(modelsPath.length + 1));
  } catch {
    return undefined;
  }
};

/** The operation of a method and a canonical path. An unknown one is named after both: `POST /v1/responses`. */
export const operationOf = (method: string, path: string): OpenaiOperation => {
  if (method === "POST" && path === "/v1/chat/completions") return { kind: "chat", operation: inference("chat.completions") };
  if (method === "POST" && path === "/v1/embeddings") return { kind: "embeddings", operation: inference("embeddings") };
  if (method === "GET" && path === modelsPath) return { kind: "models", operation: inference("models.list") };
  const model = method === "GET" ? modelId(path) : undefined;
  if (model !== undefined) return { kind: "model", operation: inference("models.get"), model };
  return { kind: "unknown", operation: { name: `${method} ${path}`, class: "control" } };
};
