/** Answers of the Messages API, whole and streamed, errors of the upstream included. */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, AnswerHead } from "../../src/envelope/exchange.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import { collectBody } from "../shared/answer-body.ts";
import { framedBytes, framedCodec, framedText } from "../shared/document.ts";
import { streamBatches } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders, soleHeader } from "../shared/headers.ts";
import { locate } from "../shared/locate.ts";
import { isJson, isUtf8Type, type MediaType, readMediaType } from "../shared/media-type.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { messageOf } from "./document.ts";
import { sessionHeader } from "./error.ts";
import { framedLines, isJsonLines } from "./json-lines.ts";
import { readMessage } from "./message.ts";
import type { AnthropicOperation } from "./operations.ts";
import { countAnswerPlaces, errorPlaces, messageAnswerPlaces, modelListPlaces, modelPlaces, unknownAnswerPlaces } from "./places.ts";
import { answerCodec } from "./signatures.ts";
import { messageStream } from "./stream.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

/** What of the request bears on how an answer is read. */
export interface AnswerRules {
  readonly kind: AnthropicOperation;
  /** Bytes of a whole answer, decoded. */
  readonly limit: number;
  /** The session's id. */
  readonly session: string;
}

const firstErrorStatus = 400;

/** What clients of the API act on; the names of organisations and our upstream's request ids stay with us. */
const passingAnswerHeaders: HeaderAllowance = {
  names: new Set(["content-type", "cache-control", "retry-after", "retry-after-ms", "x-should-retry"]),
  prefixes: ["anthropic-ratelimit-", "anthropic-priority-"],
};

const headOf = ({ status, rawHeaders }: UpstreamAnswer, session: string): AnswerHead => {
  const passing = passingHeaders(rawHeaders, passingAnswerHeaders);
  const headers: Record<string, string> = { ...sessionHeader(session) };
  for (let at = 0; at + 1 < passing.length; at += 2) headers[passing[at] ?? ""] = passing[at + 1] ?? "";
  return { status, headers };
};

const placesOf = ({ kind }: AnthropicOperation): PlaceTable => {
  switch (kind) {
    case "messages":
      return messageAnswerPlaces;
    case "count":
      return countAnswerPlaces;
    case "models":
      return modelListPlaces;
    case "model":
      return modelPlaces;
    case "unknown":
      return unknownAnswerPlaces;
  }
};

const invalid = (note: string, cause?: unknown): GatewayError => new GatewayError("upstream_invalid", undefined, { note, cause });

/** A JSON body as the operation's table reads it. Throws JsonError. */
export const readDocument = (text: string, table: PlaceTable): FramedMessage => {
  if (table === messageAnswerPlaces) return readMessage(text);
  const located = locate(text, { table, numbers: table === unknownAnswerPlaces, passes: isApiWord });
  return messageOf(text, located, { usage: usageOf(located.fields) });
};

/** An error's body: JSON where it is, else text, else opaque. An error that cannot be read must still reach the caller. */
const readErrorBody = (bytes: Buffer, type: MediaType | undefined): FramedMessage => {
  if (!isUtf8(bytes) || !isUtf8Type(type)) return framedBytes(bytes, false);
  const text = bytes.toString("utf8");
  try {
    return isJson(type) ? readDocument(text, errorPlaces) : framedText(text);
  } catch (thrown) {
    if (thrown instanceof JsonError) return framedText(text);
    throw thrown;
  }
};

const readKnownBody = (bytes: Buffer, type: MediaType | undefined, rules: AnswerRules): FramedMessage => {
  if (!isJson(type)) throw invalid("the answer is not JSON");
  if (!isUtf8Type(type) || !isUtf8(bytes)) throw invalid("the answer is not UTF-8");
  try {
    return readDocument(bytes.toString("utf8"), placesOf(rules.kind));
  } catch (thrown) {
    throw thrown instanceof JsonError ? invalid("the answer is not valid JSON", thrown) : thrown;
  }
};

/** Lines of JSON. Throws `upstream_invalid` for what is none. */
const readLines = (bytes: Buffer): FramedMessage => {
  if (!isUtf8(bytes)) throw invalid("the answer is not UTF-8");
  try {
    return framedLines(bytes.toString("utf8"));
  } catch (thrown) {
    throw thrown instanceof JsonError ? invalid("the answer is not valid JSON", thrown) : thrown;
  }
};

const readUnknownBody = (bytes: Buffer, type: MediaType | undefined, rules: AnswerRules): FramedMessage => {
  if (bytes.length === 0) return framedText("");
  if (isJson(type)) return readKnownBody(bytes, type, rules);
  if (isJsonLines(type)) return readLines(bytes);
  return framedBytes(bytes, isUtf8Type(type) && type?.essence.startsWith("text/") === true);
};

const readWhole = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<FramedMessage> => {
  const type = readMediaType(soleHeader(answer.rawHeaders, "content-type"));
  const bytes = await collectBody(answer, rules.limit);
  if (answer.status >= firstErrorStatus) return readErrorBody(bytes, type);
  return rules.kind.kind === "unknown" ? readUnknownBody(bytes, type, rules) : readKnownBody(bytes, type, rules);
};

const isStream = ({ status, rawHeaders }: UpstreamAnswer): boolean =>
  status < firstErrorStatus && readMediaType(soleHeader(rawHeaders, "content-type"))?.essence === "text/event-stream";

const streamed = (answer: UpstreamAnswer, head: AnswerHead, { kind }: AnswerRules): Answer<FramedMessage> => {
  if (kind.kind !== "messages") throw invalid("a stream where none is known");
  const { events, codec } = messageStream();
  return { kind: "stream", head, batches: streamBatches(answer, events), codec };
};

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<Answer<FramedMessage>> => {
  const head = headOf(answer, rules.session);
  if (isStream(answer)) return streamed(answer, head, rules);
  const codec = rules.kind.kind === "messages" ? answerCodec : framedCodec;
  return { kind: "message", head, message: await readWhole(answer, rules), codec };
};
