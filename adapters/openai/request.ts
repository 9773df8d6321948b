/** Requests of the OpenAI API: read once, carried as they came. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Incoming } from "../../src/envelope/exchange.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import type { TextCodec } from "../../src/envelope/message.ts";
import type { Author } from "../../src/envelope/text.ts";
import { framedCodec, framedDocument } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type FoundField, type FoundText, type Located, locate } from "../shared/locate.ts";
import type { JsonBody } from "../shared/request-body.ts";
import type { OpenaiOperation } from "./operations.ts";
import { chatRequestPlaces, embeddingsRequestPlaces, unknownRequestPlaces } from "./places.ts";

/** A request as the core carries it. */
export interface OpenaiRequest {
  /** undefined where the request has no body. */
  readonly body: { readonly document: FramedMessage; readonly bytes: Buffer } | undefined;
  /** Whether the caller named sequences that end generation: `stop` may then mean that it was cut. */
  readonly stopSequences: boolean;
}

const placesOf = ({ kind }: OpenaiOperation) => {
  switch (kind) {
    case "chat":
      return chatRequestPlaces;
    case "embeddings":
      return embeddingsRequestPlaces;
    case "models":
    case "model":
    case "unknown":
      return unknownRequestPlaces;
  }
};

const located = (body: JsonBody, kind: OpenaiOperation): Located => {
  try {
    return locate(body.text, { table: placesOf(kind), numbers: kind.kind === "unknown" });
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    throw new GatewayError("request_invalid", thrown.message, thrown.field === undefined ? {} : { param: thrown.field });
  }
};

const invalid = (param: string, message: string): GatewayError => new GatewayError("request_invalid", message, { param });

const find = (fields: readonly FoundField[], name: string): FoundField | undefined =>
  fields.find((field) => field.name === name && field.kind !== "null");

const count = (fields: readonly FoundField[], name: string): number | undefined => {
  const value = find(fields, name)?.value;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(name, `${name} must be a whole number.`);
};

const flag = (fields: readonly FoundField[], name: string): boolean => {
  const found = find(fields, name);
  if (found === undefined) return false;
  if (typeof found.value === "boolean") return found.value;
  throw invalid(name, `${name} must be true or false.`);
};

const modelOf = (fields: readonly FoundField[], kind: OpenaiOperation): string | undefined => {
  const model = find(fields, "model");
  if (typeof model?.value === "string" && model.value !== "") return model.value;
  if (model === undefined && kind.kind === "unknown") return undefined;
  throw invalid("model", "model must be the name of a model.");
};

const maxOutputTokens = (fields: readonly FoundField[]): number | undefined => {
  const choices = count(fields, "n") ?? 1;
  const each = count(fields, "max_completion_tokens") ?? count(fields, "max_tokens");
  return each === undefined ? undefined : each * choices;
};

/** The role's author; a role nobody knows is read as the user's, whom prompt rules look at. */
const authorOfRole = (role: unknown): Author => {
  if (role === "system" || role === "developer") return "system";
  if (role === "assistant") return "assistant";
  if (role === "tool" || role === "function") return "tool-output";
  return "user";
};

/** Overrules the table's author for the words of messages. */
const byRole = (fields: readonly FoundField[]): ((found: FoundText) => Author | undefined) => {
  const roles = new Map(fields.filter(({ name }) => name === "role").map(({ path, value }) => [path[1], authorOfRole(value)]));
  return ({ path, place }) =>
    place?.kind === "text" && place.author === "user" && path[0] === "messages" ? (roles.get(path[1]) ?? "user") : undefined;
};

/** What the upstream would do on its own, which a policy must name (ARCHITECTURE.md 1.2). */
const featuresOf = (fields: readonly FoundField[]): string[] => {
  const features = new Set<string>();
  for (const { name, value, kind } of fields) {
    if (name === "tool" && value !== "function") features.add(String(value));
    if (name === "file" && kind !== "null") features.add("file_id");
    if (name === "web_search_options" && kind !== "null") features.add("web_search");
    if (name === "store" && value === true) features.add("store");
  }
  return [...features];
};

const hasStop = ({ texts }: Located): boolean => texts.some(({ path, kind }) => kind === "string" && path[0] === "stop");

/** Shows a request's texts; unchanged, the request is the same object and its bytes go on. */
export const requestCodec: TextCodec<OpenaiRequest> = {
  spans: ({ body }) => (body === undefined ? [] : framedCodec.spans(body.document)),
  rewrite: (request, texts) => {
    if (request.body === undefined) return request;
    const document = framedCodec.rewrite(request.body.document, texts);
    return document === request.body.document ? request : { ...request, body: { document, bytes: Buffer.from(wireText(document)) } };
  },
  closes: () => [],
  visibility: ({ body }) => (body === undefined ? "whole" : framedCodec.visibility(body.document)),
  usage: () => undefined,
};

/** A request without a body. */
export const bodilessRequest = (kind: OpenaiOperation): Incoming<OpenaiRequest> => ({
  message: { body: undefined, stopSequences: false },
  codec: requestCodec,
  model: kind.kind === "model" ? kind.model : undefined,
  maxOutputTokens: undefined,
  features: [],
  everyConnection: kind.kind === "models",
});

/** Reads a request's body. Throws `request_invalid`. */
export const parseRequest = (body: JsonBody, kind: OpenaiOperation): Incoming<OpenaiRequest> => {
  const found = located(body, kind);
  const { fields } = found;
  flag(fields, "stream");
  const document = framedDocument(body.text, found, { dropEchoes: false, author: byRole(fields) });
  return {
    message: { body: { document, bytes: body.bytes }, stopSequences: hasStop(found) },
    codec: requestCodec,
    model: modelOf(fields, kind),
    maxOutputTokens: maxOutputTokens(fields),
    features: featuresOf(fields),
    everyConnection: false,
  };
};
