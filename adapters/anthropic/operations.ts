/** Which operation a method and a path under `/v1/` are. */

import type { Operation, OperationClass } from "../../src/envelope/call.ts";

/** What the adapter does for an operation: the kinds differ in their tables and in how they are forwarded. */
export type AnthropicOperation =
  | { readonly kind: "messages"; readonly operation: Operation }
  | { readonly kind: "count"; readonly operation: Operation }
  | { readonly kind: "models"; readonly operation: Operation }
  | { readonly kind: "model"; readonly operation: Operation; readonly model: string }
  /** What nobody has described in a table: walked both ways, and allowed only where a policy has its exact name. */
  | { readonly kind: "unknown"; readonly operation: Operation };

/** An operation as policies name it, and where it stands; `{id}` is any one segment. */
export interface NamedOperation extends Operation {
  /** Method and path. */
  readonly at: string;
}

const at = (kind: OperationClass, name: string, method: string, path: string): NamedOperation => ({
  name,
  class: kind,
  at: `${method} ${path}`,
});

/** Every operation that has a name of its own. Those on objects that the API keeps are of the class `data`. */
export const namedOperations: readonly NamedOperation[] = [
  at("inference", "messages", "POST", "/v1/messages"),
  at("inference", "messages.count_tokens", "POST", "/v1/messages/count_tokens"),
  at("inference", "models.list", "GET", "/v1/models"),
  at("inference", "models.get", "GET", "/v1/models/{id}"),
  at("data", "messages.batches.create", "POST", "/v1/messages/batches"),
  at("data", "messages.batches.list", "GET", "/v1/messages/batches"),
  at("data", "messages.batches.get", "GET", "/v1/messages/batches/{id}"),
  at("data", "messages.batches.delete", "DELETE", "/v1/messages/batches/{id}"),
  at("data", "messages.batches.cancel", "POST", "/v1/messages/batches/{id}/cancel"),
  at("data", "messages.batches.results", "GET", "/v1/messages/batches/{id}/results"),
  at("data", "files.create", "POST", "/v1/files"),
  at("data", "files.list", "GET", "/v1/files"),
  at("data", "files.get", "GET", "/v1/files/{id}"),
  at("data", "files.delete", "DELETE", "/v1/files/{id}"),
  at("data", "files.content", "GET", "/v1/files/{id}/content"),
];

/** What the adapter does for the operations of the class `inference`. */
const inferenceKinds: ReadonlyMap<string, "messages" | "count" | "models" | "model"> = new Map([
  ["messages", "messages"],
  ["messages.count_tokens", "count"],
  ["models.list", "models"],
  ["models.get", "model"],
]);

/** The segment that stands for `{id}`; undefined where the target does not fit. */
const idIn = (form: string, target: string): string | undefined => {
  const [wanted, asked] = [form.split("/"), target.split("/")];
  if (wanted.length !== asked.length) return undefined;
  let id = "";
  for (const [index, segment] of wanted.entries()) {
    const given = asked[index] ?? "";
    if (segment === "{id}" && given !== "") id = given;
    else if (segment !== given) return undefined;
  }
  return id;
};

/** A segment as its name; undefined where it cannot be read. */
const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

const byPlace: ReadonlyMap<string, NamedOperation> = new Map(namedOperations.map((each) => [each.at, each]));

/** How an operation is carried out; undefined where its path's segment cannot be read. */
const carriedOut = ({ name, class: kind }: NamedOperation, id: string): AnthropicOperation | undefined => {
  const operation: Operation = { name, class: kind };
  const does = inferenceKinds.get(name);
  if (does === undefined) return { kind: "unknown", operation };
  if (does !== "model") return { kind: does, operation };
  const model = decoded(id);
  return model === undefined ? undefined : { kind: does, operation, model };
};

const below = (target: string): AnthropicOperation | undefined => {
  for (const named of namedOperations) {
    const id = idIn(named.at, target);
    if (id !== undefined) return carriedOut(named, id);
  }
  return undefined;
};

/** The operation of a method and a canonical path. An unknown one is named after both: `POST /v1/skills`. */
export const operationOf = (method: string, path: string): AnthropicOperation => {
  const target = `${method} ${path}`;
  const named = byPlace.get(target);
  const known = named === undefined ? below(target) : carriedOut(named, "");
  return known ?? { kind: "unknown", operation: { name: target, class: "control" } };
};
