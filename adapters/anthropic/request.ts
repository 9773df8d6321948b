/** Requests of the Messages API: read once, carried as they came. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Incoming } from "../../src/envelope/exchange.ts";
import type { TextCodec } from "../../src/envelope/message.ts";
import { framedCodec } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import type { FoundField, Located } from "../shared/locate.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { JsonBody } from "../shared/request-body.ts";
import { countOf, fieldNamed, flagOf, invalidField, locateRequest } from "../shared/request-fields.ts";
import { offeredTools } from "../shared/tools.ts";
import { authorsOf } from "./authors.ts";
import { messageOf } from "./document.ts";
import { featuresOf, unseenIn } from "./features.ts";
import { namedByBody } from "./kept.ts";
import type { AnthropicOperation } from "./operations.ts";
import { messageRequestPlaces, unknownRequestPlaces } from "./places.ts";
import { type BlockKeys, blockKey, withoutUnvouched } from "./unsigned.ts";

/** A request as the core carries it. */
export interface AnthropicRequest {
  /** undefined where the request has no body. */
  readonly body: { readonly document: FramedMessage; readonly bytes: Buffer } | undefined;
  /** Whether an event stream is asked for. */
  readonly streams: boolean;
  /** Whether its history has thinking in it. */
  readonly thinking: boolean;
  /** Whether the API is asked to do something of its own. */
  readonly leaves: boolean;
  /** The thinking blocks whose words were changed on their way. */
  readonly broken: BlockKeys;
}

const noBlocks: BlockKeys = new Set();

/** `messages.0.content.0.thinking` */
const ownTextDepth = 5;

const placesOf = ({ kind }: AnthropicOperation): PlaceTable => {
  switch (kind) {
    case "messages":
    case "count":
      return messageRequestPlaces;
    case "models":
    case "model":
    case "unknown":
      return unknownRequestPlaces;
  }
};

const located = (body: JsonBody, kind: AnthropicOperation): Located =>
  locateRequest(body.text, { table: placesOf(kind), numbers: kind.kind === "unknown" });

const modelOf = (fields: readonly FoundField[], kind: AnthropicOperation): string | undefined => {
  const model = fieldNamed(fields, "model");
  if (typeof model?.value === "string" && model.value !== "") return model.value;
  if (model === undefined && kind.kind === "unknown") return undefined;
  throw invalidField("model", "model must be the name of a model.");
};

/** The blocks of which a text of their own changed. */
const brokenBy = (document: FramedMessage, texts: readonly string[]): BlockKeys => {
  const broken = new Set<string>();
  framedCodec.spans(document).forEach(({ path, text }, index) => {
    const key = blockKey(path);
    if (key !== undefined && path.length === ownTextDepth && texts[index] !== text) broken.add(key);
  });
  return broken;
};

/** Shows a request's texts; unchanged, the request is the same object and its bytes go on. */
export const requestCodec: TextCodec<AnthropicRequest> = {
  spans: ({ body }) => (body === undefined ? [] : framedCodec.spans(body.document)),
  rewrite: (request, texts) => {
    if (request.body === undefined) return request;
    const document = framedCodec.rewrite(request.body.document, texts);
    if (document === request.body.document) return request;
    const broken = request.thinking ? brokenBy(request.body.document, texts) : noBlocks;
    return { ...request, broken, body: { document, bytes: Buffer.from(wireText(document)) } };
  },
  closes: () => [],
  visibility: ({ body }) => (body === undefined ? "whole" : framedCodec.visibility(body.document)),
  usage: () => undefined,
};

/**
 * The bytes to send. `masked`: the caller's answers are, so that thinking without a signature may be some whose signature masking emptied; where they
 * are not, such thinking is the upstream's own way, and stays.
 */
export const bytesOf = ({ body, thinking, broken }: AnthropicRequest, masked: boolean): Buffer | undefined => {
  if (body === undefined || !thinking || !(masked || broken.size > 0)) return body?.bytes;
  const json = wireText(body.document);
  const sent = withoutUnvouched(json, { broken, unsigned: masked });
  return sent === json ? body.bytes : Buffer.from(sent);
};

/** A request without a body. */
export const bodilessRequest = (kind: AnthropicOperation): Incoming<AnthropicRequest> => ({
  message: { body: undefined, streams: false, thinking: false, leaves: false, broken: noBlocks },
  codec: requestCodec,
  more: undefined,
  model: kind.kind === "model" ? kind.model : undefined,
  maxOutputTokens: undefined,
  features: [],
  tools: [],
  exact: undefined,
  unseen: [],
  refers: [],
  everyConnection: kind.kind === "models",
});

/**
 * Refuses message threads: conversations that the API keeps, so that a request bears the newest message alone. Whose they are nobody here knows. The
 * SDKs' tool runners read the refusal and send the whole conversation instead.
 */
const refuseThread = (fields: readonly FoundField[]): void => {
  if (fieldNamed(fields, "thread") === undefined) return;
  throw new GatewayError("operation_unsupported", "Message threads are not offered here: send the whole conversation.", {
    param: "thread",
  });
};

const isThinking = ({ name, value }: FoundField): boolean => name === "block" && (value === "thinking" || value === "redacted_thinking");

/** Reads a request's body. Throws `request_invalid`. */
export const parseRequest = (body: JsonBody, kind: AnthropicOperation): Incoming<AnthropicRequest> => {
  const found = located(body, kind);
  const { fields } = found;
  const streams = flagOf(fields, "stream");
  refuseThread(fields);
  const features = featuresOf(fields);
  const document = messageOf(body.text, found, { author: authorsOf(fields) });
  return {
    message: {
      body: { document, bytes: body.bytes },
      streams,
      thinking: fields.some(isThinking),
      leaves: features.length > 0,
      broken: noBlocks,
    },
    codec: requestCodec,
    more: undefined,
    model: modelOf(fields, kind),
    maxOutputTokens: countOf(fields, "max_tokens"),
    features,
    tools: offeredTools(found.texts),
    exact: undefined,
    unseen: unseenIn(fields),
    refers: namedByBody(fields),
    everyConnection: false,
  };
};
