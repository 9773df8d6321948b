/** Requests of the OpenAI API: read once, carried as they came. */

import type { Incoming, StoredObject } from "../../src/envelope/exchange.ts";
import type { TextCodec } from "../../src/envelope/message.ts";
import type { Author } from "../../src/envelope/text.ts";
import { framedBytes, framedCodec, framedDocument } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import type { FoundField, FoundText, Located } from "../shared/locate.ts";
import type { JsonBody } from "../shared/request-body.ts";
import { countOf, fieldNamed, flagOf, invalidField, locateRequest } from "../shared/request-fields.ts";
import { offeredTools } from "../shared/tools.ts";
import { apiOf } from "./apis.ts";
import { featuresOf, objectsOf, unseenIn } from "./features.ts";
import { withOwners } from "./kept.ts";
import type { ApiKind, OpenaiOperation } from "./operations.ts";

export interface RequestBody {
  readonly document: FramedMessage;
  readonly bytes: Buffer;
  /** Its media type, with what belongs to it. */
  readonly type: string;
  /** Whether it names the model itself. */
  readonly namesModel: boolean;
}

/** A request as the core carries it. */
export interface OpenaiRequest {
  /** undefined where the request has no body. */
  readonly body: RequestBody | undefined;
  /** Whether the caller named sequences that end generation: `stop` may then mean that it was cut. */
  readonly stopSequences: boolean;
  /** Whether the caller asked a stream to tell what the call has used. */
  readonly usageAsked: boolean;
  /** Whether the upstream keeps the answer: by itself in the Responses API, and asked to in chat. */
  readonly stored: boolean;
  /** Whether the caller asked for an event stream. */
  readonly streams: boolean;
}

const located = (body: JsonBody, kind: ApiKind): Located => {
  const { request, described } = apiOf(kind);
  return locateRequest(body.text, { table: request, numbers: !described });
};

/** The model that the body names. */
const namedModel = (fields: readonly FoundField[]): string | undefined => {
  const model = fieldNamed(fields, "model");
  if (model === undefined) return undefined;
  if (typeof model.value === "string" && model.value !== "") return model.value;
  throw invalidField("model", "model must be the name of a model.");
};

/** The model asked for: by the body, or by the path; both must say the same (ARCHITECTURE.md 1.9). */
const modelOf = (named: string | undefined, { kind, model, deployment }: OpenaiOperation): string | undefined => {
  const inPath = model ?? deployment;
  if (named !== undefined && inPath !== undefined && named !== inPath) throw invalidField("model", "The path names another model.");
  if (named === undefined && inPath === undefined && apiOf(kind).model === "required") {
    throw invalidField("model", "model must be the name of a model.");
  }
  return named ?? inPath;
};

const maxOutputTokens = (fields: readonly FoundField[]): number | undefined => {
  const choices = countOf(fields, "n") ?? 1;
  const each = countOf(fields, "max_output_tokens") ?? countOf(fields, "max_completion_tokens") ?? countOf(fields, "max_tokens");
  return each === undefined ? undefined : each * choices;
};

/** The role's author; a role nobody knows is read as the user's, whom prompt rules look at. */
const authorOfRole = (role: unknown): Author => {
  if (role === "system" || role === "developer") return "system";
  if (role === "assistant") return "assistant";
  if (role === "tool" || role === "function") return "tool-output";
  return "user";
};

/** Lists whose elements are messages, or items like them. */
const messageLists: ReadonlySet<unknown> = new Set(["messages", "input", "items"]);

/** The author of an element of such a list: its role's; an item without a role is the model's own if it is reasoning. */
const authorsOf = (fields: readonly FoundField[]): ReadonlyMap<unknown, Author> => {
  const authors = new Map<unknown, Author>();
  for (const { name, path, value } of fields) {
    if (path.length !== 3) continue;
    if (name === "role") authors.set(path[1], authorOfRole(value));
    if (name === "item" && value === "reasoning" && !authors.has(path[1])) authors.set(path[1], "assistant");
  }
  return authors;
};

/** Overrules the table's author for the words of messages. */
const byRole = (fields: readonly FoundField[]): ((found: FoundText) => Author | undefined) => {
  const authors = authorsOf(fields);
  return ({ path, place }) =>
    place?.kind === "text" && place.author === "user" && messageLists.has(path[0]) ? (authors.get(path[1]) ?? "user") : undefined;
};

const hasStop = ({ texts }: Located): boolean => texts.some(({ path, kind }) => kind === "string" && path[0] === "stop");

/** Shows a request's texts; unchanged, the request is the same object and its bytes go on. */
export const requestCodec: TextCodec<OpenaiRequest> = {
  spans: ({ body }) => (body === undefined ? [] : framedCodec.spans(body.document)),
  rewrite: (request, texts) => {
    if (request.body === undefined || "bytes" in request.body.document) return request;
    const document = framedCodec.rewrite(request.body.document, texts);
    // What repeated text as numbers is gone from the document, and is left out of what goes on once anybody masks the request.
    if (document === request.body.document && document.whole !== undefined) return request;
    return { ...request, body: { ...request.body, document, bytes: Buffer.from(wireText(document)) } };
  },
  closes: () => [],
  visibility: ({ body }) => (body === undefined ? "whole" : framedCodec.visibility(body.document)),
  usage: () => undefined,
};

/** What a request's body tells, where it has one that can be read. */
interface Told extends Pick<Incoming<OpenaiRequest>, "maxOutputTokens" | "features" | "tools"> {
  readonly model: string | undefined;
  readonly unseen: readonly string[];
  /** Objects that it names. */
  readonly named: readonly StoredObject[];
}

const toldByPath = ({ model, deployment }: OpenaiOperation): Told => ({
  model: model ?? deployment,
  maxOutputTokens: undefined,
  features: [],
  tools: [],
  unseen: [],
  named: [],
});

/** A request that has been read, for whoever adds what makes it the one it is. */
export type ReadRequest = Omit<Incoming<OpenaiRequest>, "more" | "exact">;

/** Written out, with its members in one order: what is put together by spreading is of a kind of its own to V8, and slow to read for the whole call. */
const incoming = (message: OpenaiRequest, { objects, kind }: OpenaiOperation, told: Told): ReadRequest => ({
  message,
  codec: requestCodec,
  model: told.model,
  maxOutputTokens: told.maxOutputTokens,
  features: told.features,
  tools: told.tools,
  unseen: told.unseen,
  refers: withOwners(told.named.length === 0 ? objects : [...objects, ...told.named]),
  everyConnection: kind === "models",
});

/** The same with its exact pieces; written out for the same reason. */
export const withExact = (read: ReadRequest, exact: Incoming<OpenaiRequest>["exact"]): Incoming<OpenaiRequest> => ({
  message: read.message,
  codec: read.codec,
  more: undefined,
  model: read.model,
  maxOutputTokens: read.maxOutputTokens,
  features: read.features,
  unseen: read.unseen,
  refers: read.refers,
  everyConnection: read.everyConnection,
  tools: read.tools,
  exact,
});

/** A request without a body. */
export const bodilessRequest = (operation: OpenaiOperation): ReadRequest =>
  incoming({ body: undefined, stopSequences: false, usageAsked: false, stored: true, streams: false }, operation, toldByPath(operation));

/** A request whose body is no JSON: text where its type says so, and else nothing that the gateway can read. */
export const unreadRequest = (
  bytes: Buffer,
  { operation, type, textual }: { readonly operation: OpenaiOperation; readonly type: string | undefined; readonly textual: boolean },
): ReadRequest => {
  const body = { document: framedBytes(bytes, textual), bytes, type: type ?? "application/octet-stream", namesModel: false };
  const unseen = "bytes" in body.document ? ["content that is no text"] : [];
  return incoming({ body, stopSequences: false, usageAsked: false, stored: true, streams: false }, operation, {
    ...toldByPath(operation),
    unseen,
  });
};

/** Throws `request_invalid` for a stream that is asked for from its middle on: what stands before a text decides how it is masked (ARCHITECTURE.md 1.6). */
export const checkQuery = ({ kind }: OpenaiOperation, query: string): void => {
  if (kind !== "stored-response" || !new URLSearchParams(query).has("starting_after")) return;
  throw invalidField("starting_after", "The gateway serves streams from their beginning only.");
};

/** Reads a request's body. Throws `request_invalid`. */
export const parseRequest = (body: JsonBody, operation: OpenaiOperation): ReadRequest => {
  const found = located(body, operation.kind);
  const { fields } = found;
  const streams = flagOf(fields, "stream");
  const named = namedModel(fields);
  const document = framedDocument(body.text, found, { dropEchoes: true, author: byRole(fields) });
  const message = {
    body: { document, bytes: body.bytes, type: "application/json", namesModel: named !== undefined },
    stopSequences: hasStop(found),
    usageAsked: fieldNamed(fields, "include_usage")?.value === true,
    stored: operation.kind === "chat" ? fieldNamed(fields, "store")?.value === true : fieldNamed(fields, "store")?.value !== false,
    streams,
  };
  return incoming(message, operation, {
    model: modelOf(named, operation),
    maxOutputTokens: maxOutputTokens(fields),
    features: featuresOf(found, operation.kind === "responses"),
    tools: offeredTools(found.texts),
    unseen: unseenIn(found),
    named: objectsOf(fields),
  });
};
