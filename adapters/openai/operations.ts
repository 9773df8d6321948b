/** Which operation a method and a path are: the table of the API, in its clients' words. */

import type { Operation, OperationClass } from "../../src/envelope/call.ts";
import type { StoredObject } from "../../src/envelope/exchange.ts";
import { keptKindOf } from "./kept.ts";

/**
 * How an operation's bodies are read and forwarded. `other` is what no table describes: walked both ways; unless it is named here, it is named after its
 * method and path.
 */
export type ApiKind =
  | "chat"
  | "completions"
  | "responses"
  | "responses-aside"
  | "stored-response"
  | "items"
  | "conversation"
  | "transcript"
  | "embeddings"
  | "moderations"
  | "models"
  | "model"
  | "other";

export interface OpenaiOperation {
  readonly kind: ApiKind;
  readonly operation: Operation;
  /** The model that the path names. */
  readonly model?: string | undefined;
  /** Azure's name for its model; the request's own must not contradict it. */
  readonly deployment?: string | undefined;
  /** Objects that the upstream keeps and the path names. */
  readonly objects: readonly StoredObject[];
  /** The kind of objects that the upstream keeps because of this operation, or lists. */
  readonly creates?: string | undefined;
  readonly lists?: string | undefined;
  /** What the path is below the version: `/chat/completions`. */
  readonly path: string;
}

/** `{kind}` in a path is the id of an object of that kind; `{model}` is all that follows, slashes too. */
interface Row {
  readonly method: string;
  readonly segments: readonly string[];
  readonly name: string;
  readonly class: OperationClass;
  readonly kind: ApiKind;
}

const row = (line: string, className: OperationClass, kind: ApiKind = "other"): Row => {
  const [name = "", method = "", path = ""] = line.split(" ");
  return { method, segments: path.split("/").slice(1), name, class: className, kind };
};

const inference: readonly Row[] = [
  row("chat.completions POST /chat/completions", "inference", "chat"),
  row("completions POST /completions", "inference", "completions"),
  row("responses POST /responses", "inference", "responses"),
  row("embeddings POST /embeddings", "inference", "embeddings"),
  row("moderations POST /moderations", "inference", "moderations"),
  row("models.list GET /models", "inference", "models"),
  row("models.get GET /models/{model}", "inference", "model"),
];

/** What the upstream keeps, and what it makes of texts and media besides answering prompts. */
const data: readonly Row[] = [
  row("responses.get GET /responses/{response}", "data", "stored-response"),
  row("responses.delete DELETE /responses/{response}", "data", "stored-response"),
  row("responses.cancel POST /responses/{response}/cancel", "data", "stored-response"),
  row("responses.input_items GET /responses/{response}/input_items", "data", "items"),
  row("responses.compact POST /responses/compact", "data", "responses-aside"),
  row("responses.input_tokens POST /responses/input_tokens", "data", "responses-aside"),
  row("audio.transcriptions POST /audio/transcriptions", "data", "transcript"),
  row("audio.translations POST /audio/translations", "data", "transcript"),
  row("conversations.create POST /conversations", "data", "conversation"),
  row("conversations.items.create POST /conversations/{conversation}/items", "data", "conversation"),
  row("conversations.items.list GET /conversations/{conversation}/items", "data", "items"),
  ...[
    "conversations.get GET /conversations/{conversation}",
    "conversations.update POST /conversations/{conversation}",
    "conversations.delete DELETE /conversations/{conversation}",
    "conversations.items.get GET /conversations/{conversation}/items/{item}",
    "conversations.items.delete DELETE /conversations/{conversation}/items/{item}",
    "chat.completions.list GET /chat/completions",
    "chat.completions.get GET /chat/completions/{completion}",
    "chat.completions.update POST /chat/completions/{completion}",
    "chat.completions.delete DELETE /chat/completions/{completion}",
    "chat.completions.messages GET /chat/completions/{completion}/messages",
    "images.generations POST /images/generations",
    "images.edits POST /images/edits",
    "images.variations POST /images/variations",
    "audio.speech POST /audio/speech",
    "videos.create POST /videos",
    "videos.list GET /videos",
    "videos.get GET /videos/{video}",
    "videos.delete DELETE /videos/{video}",
    "videos.content GET /videos/{video}/content",
    "videos.remix POST /videos/{video}/remix",
    "files.create POST /files",
    "files.list GET /files",
    "files.get GET /files/{file}",
    "files.delete DELETE /files/{file}",
    "files.content GET /files/{file}/content",
    "uploads.create POST /uploads",
    "uploads.parts POST /uploads/{upload}/parts",
    "uploads.complete POST /uploads/{upload}/complete",
    "uploads.cancel POST /uploads/{upload}/cancel",
    "batches.create POST /batches",
    "batches.list GET /batches",
    "batches.get GET /batches/{batch}",
    "batches.cancel POST /batches/{batch}/cancel",
    "vector_stores.create POST /vector_stores",
    "vector_stores.list GET /vector_stores",
    "vector_stores.get GET /vector_stores/{vector_store}",
    "vector_stores.update POST /vector_stores/{vector_store}",
    "vector_stores.delete DELETE /vector_stores/{vector_store}",
    "vector_stores.search POST /vector_stores/{vector_store}/search",
    "vector_stores.files.create POST /vector_stores/{vector_store}/files",
    "vector_stores.files.list GET /vector_stores/{vector_store}/files",
    "vector_stores.files.get GET /vector_stores/{vector_store}/files/{file}",
    "vector_stores.files.content GET /vector_stores/{vector_store}/files/{file}/content",
    "vector_stores.files.delete DELETE /vector_stores/{vector_store}/files/{file}",
    "containers.create POST /containers",
    "containers.list GET /containers",
    "containers.get GET /containers/{container}",
    "containers.delete DELETE /containers/{container}",
    "containers.files.create POST /containers/{container}/files",
    "containers.files.list GET /containers/{container}/files",
    "containers.files.content GET /containers/{container}/files/{container_file}/content",
    "assistants.create POST /assistants",
    "assistants.list GET /assistants",
    "assistants.get GET /assistants/{assistant}",
    "assistants.update POST /assistants/{assistant}",
    "assistants.delete DELETE /assistants/{assistant}",
    "threads.create POST /threads",
    "threads.get GET /threads/{thread}",
    "threads.update POST /threads/{thread}",
    "threads.delete DELETE /threads/{thread}",
    "threads.messages.create POST /threads/{thread}/messages",
    "threads.messages.list GET /threads/{thread}/messages",
    "threads.runs.create POST /threads/{thread}/runs",
    "threads.runs.get GET /threads/{thread}/runs/{run}",
    "threads.runs.cancel POST /threads/{thread}/runs/{run}/cancel",
    "threads.runs.submit_tool_outputs POST /threads/{thread}/runs/{run}/submit_tool_outputs",
  ].map((line) => row(line, "data")),
];

const control: readonly Row[] = [
  "models.delete DELETE /models/{model}",
  "fine_tuning.jobs.create POST /fine_tuning/jobs",
  "fine_tuning.jobs.list GET /fine_tuning/jobs",
  "fine_tuning.jobs.get GET /fine_tuning/jobs/{fine_tuning_job}",
  "fine_tuning.jobs.cancel POST /fine_tuning/jobs/{fine_tuning_job}/cancel",
  "fine_tuning.jobs.events GET /fine_tuning/jobs/{fine_tuning_job}/events",
  "fine_tuning.jobs.checkpoints GET /fine_tuning/jobs/{fine_tuning_job}/checkpoints",
].map((line) => row(line, "control"));

const rows = [...inference, ...data, ...control];

/** Every operation that has a name, for the documents: name, class, method and path. */
export const namedOperations: readonly { readonly name: string; readonly class: OperationClass; readonly at: string }[] = rows.map(
  (each) => ({ name: each.name, class: each.class, at: `${each.method} /v1/${each.segments.join("/")}` }),
);

/** Methods with their rows: a call looks at those of its own. */
const byMethod: ReadonlyMap<string, readonly Row[]> = new Map(
  ["GET", "POST", "DELETE"].map((method) => [method, rows.filter((each) => each.method === method)]),
);

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/** What a path's placeholders stand for; undefined where the path is another, or a name in it cannot be read. */
const bind = ({ segments }: Row, path: readonly string[]): readonly StoredObject[] | undefined => {
  const open = segments.at(-1) === "{model}";
  if (open ? path.length < segments.length : path.length !== segments.length) return undefined;
  const bound: StoredObject[] = [];
  for (let at = 0; at < segments.length; at++) {
    const wanted = segments[at] ?? "";
    const last = open && at === segments.length - 1;
    const given = last ? path.slice(at).join("/") : (path[at] ?? "");
    if (!wanted.startsWith("{")) {
      if (wanted !== given) return undefined;
      continue;
    }
    const id = decoded(given);
    if (id === undefined || id === "") return undefined;
    bound.push({ kind: wanted.slice(1, -1), id });
  }
  return bound;
};

/** Whether an operation makes or lists objects that the upstream keeps: those at the root of their kind's paths. */
const keepingOf = ({ name, segments }: Row): Pick<OpenaiOperation, "creates" | "lists"> => {
  if (segments.some((segment) => segment.startsWith("{"))) return {};
  const kept = keptKindOf(segments[0] ?? "");
  if (name.endsWith(".list")) return { lists: kept };
  return name.endsWith(".create") || name === "responses" || name === "chat.completions" ? { creates: kept } : {};
};

const versionRoot = "/v1";
const deploymentPath = /^\/openai\/deployments\/([^/]+)(\/.*)$/;

/** The path below the version or the deployment. */
const belowRoot = (path: string): { readonly path: string; readonly deployment?: string | undefined } => {
  const azure = deploymentPath.exec(path);
  if (azure?.[1] !== undefined) return { path: azure[2] ?? "", deployment: decoded(azure[1]) };
  return { path: path.startsWith(`${versionRoot}/`) ? path.slice(versionRoot.length) : path };
};

const readOperation = (method: string, path: string): OpenaiOperation => {
  const below = belowRoot(path);
  const segments = below.path.split("/").slice(1);
  for (const each of byMethod.get(method) ?? []) {
    const bound = bind(each, segments);
    if (bound === undefined) continue;
    const model = bound.find(({ kind }) => kind === "model")?.id;
    const objects = bound.filter(({ kind }) => kind !== "model");
    return { kind: each.kind, operation: { name: each.name, class: each.class }, model, objects, ...keepingOf(each), ...below };
  }
  return { kind: "other", operation: { name: `${method} ${path}`, class: "control" }, objects: [], ...below };
};

/** Operations whose paths hold no names, by method and path: nearly every call is one of them. */
const plainOperations: ReadonlyMap<string, ReadonlyMap<string, OpenaiOperation>> = new Map(
  [...byMethod].map(([method, own]) => {
    const paths = own.filter(({ segments }) => !segments.some((each) => each.startsWith("{"))).map(({ segments }) => segments.join("/"));
    return [method, new Map(paths.map((path) => [`${versionRoot}/${path}`, readOperation(method, `${versionRoot}/${path}`)]))];
  }),
);

/** The operation of a method and a canonical path, `/v1` or `/openai/deployments/NAME` included. */
export const operationOf = (method: string, path: string): OpenaiOperation =>
  plainOperations.get(method)?.get(path) ?? readOperation(method, path);
