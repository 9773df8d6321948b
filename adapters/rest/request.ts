/** Requests of REST calls: read once, carried as they came. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Incoming } from "../../src/envelope/exchange.ts";
import { restCodec } from "./codec.ts";
import { readForm } from "./form.ts";
import { type JsonFacts, looseFacts, readJson, requestText } from "./json-body.ts";
import { kindOf, syntaxOf } from "./media.ts";
import { emptyMessage, type RestMessage } from "./message.ts";
import { readMultipart } from "./multipart.ts";
import type { RestOperation } from "./operations.ts";
import { opaqueBody, textBody } from "./parts.ts";
import { readPath } from "./path.ts";
import { readTensors } from "./tensors.ts";
import { isTextBytes } from "./utf8.ts";

/** What of a request's head bears on how its body is read. */
export interface RequestHead {
  readonly operation: RestOperation;
  /** Canonical, behind the route's prefix. */
  readonly path: string;
  /** Without credentials. */
  readonly query: string;
  readonly contentType: string | undefined;
  /** Bytes of JSON before binary tensors, as the caller's `Inference-Header-Content-Length` says. */
  readonly jsonLength: string | undefined;
}

interface ReadBody {
  readonly message: RestMessage;
  /** undefined: the body says nothing of the kind. */
  readonly facts: JsonFacts | undefined;
}

const author = "user";

const readJsonBody = (bytes: Buffer, described: boolean): ReadBody => {
  const text = requestText(bytes);
  const facts = readJson(text, described);
  return { message: textBody(text, author, "json"), facts };
};

/** One JSON text on a line; blank lines are nobody's. */
const readLines = (bytes: Buffer): ReadBody => {
  const text = requestText(bytes);
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf("\n", at);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(at, end).trim();
    if (line !== "") readJson(line, true);
    at = end + 1;
  }
  return { message: textBody(text, author, "json"), facts: looseFacts(bytes) };
};

const readText = (bytes: Buffer): RestMessage => {
  const text = bytes.toString("utf8");
  return textBody(text, author, syntaxOf(text));
};

const readFormBody = (bytes: Buffer): RestMessage => {
  const text = requestText(bytes);
  const { parts, clear } = readForm(text, { section: "form", root: [], author });
  if (!clear) throw new GatewayError("request_invalid", "The form is not well encoded.");
  return { ...emptyMessage, body: parts, whole: text };
};

const readByType = (bytes: Buffer, contentType: string | undefined): ReadBody => {
  const kind = kindOf(contentType);
  switch (kind) {
    case "json":
      return readJsonBody(bytes, false);
    case "lines":
      return readLines(bytes);
    case "form":
      return { message: readFormBody(bytes), facts: looseFacts(bytes) };
    case "multipart":
      return { message: readMultipart(bytes, contentType ?? "", author), facts: undefined };
    case "events":
    case "text":
    case "unknown":
      return { message: isTextBytes(bytes) ? readText(bytes) : opaqueBody(bytes), facts: looseFacts(bytes) };
    case "media":
      return { message: opaqueBody(bytes), facts: looseFacts(bytes) };
  }
};

const readBody = (bytes: Buffer | undefined, { operation, contentType, jsonLength }: RequestHead): ReadBody => {
  if (bytes === undefined || bytes.length === 0) return { message: emptyMessage, facts: undefined };
  if (operation.body === "tensors" && jsonLength !== undefined) return readTensors(bytes, jsonLength, author);
  if (jsonLength !== undefined) throw new GatewayError("request_invalid", "Binary tensors are for inference requests.");
  return operation.body === undefined ? readByType(bytes, contentType) : readJsonBody(bytes, operation.described);
};

/** The one model that path and body name. Throws `request_invalid` where they name several. */
const modelOf = ({ model }: RestOperation, facts: JsonFacts | undefined): string | undefined => {
  const named = new Set(facts?.models);
  if (model !== undefined) named.add(model);
  if (named.size > 1) throw new GatewayError("request_invalid", "The request names more than one model.", { param: "model" });
  const [only] = named;
  return only;
};

/** Reads a request; `bytes` is undefined where it has no body. Throws `request_invalid`. */
export const parseRequest = (bytes: Buffer | undefined, head: RequestHead): Incoming<RestMessage> => {
  const { message, facts } = readBody(bytes, head);
  const { parts, clear } = readForm(head.query, { section: "query", root: ["query"], author });
  const visibility = clear || message.visibility === "none" ? message.visibility : "partial";
  return {
    message: { ...message, path: readPath(head.path), query: parts, visibility },
    codec: restCodec,
    more: undefined,
    model: modelOf(head.operation, facts),
    maxOutputTokens: facts?.maxOutputTokens,
    features: facts?.features ?? [],
    tools: facts?.tools ?? [],
    exact: undefined,
    unseen: message.visibility === "whole" ? [] : ["content that is no text"],
    refers: [],
    everyConnection: false,
  };
};
