/** Answers of the OpenAI API, whole and streamed, errors of the upstream included. */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, AnswerHead } from "../../src/envelope/exchange.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import { collectBody } from "../shared/answer-body.ts";
import { framedBytes, framedCodec, framedDocument, framedText } from "../shared/document.ts";
import { EventStream, streamBatches } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders, soleHeader } from "../shared/headers.ts";
import { locate } from "../shared/locate.ts";
import { isJson, isUtf8Type, type MediaType, readMediaType } from "../shared/media-type.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { apiOf } from "./apis.ts";
import { cutOf } from "./cut.ts";
import type { OpenaiOperation } from "./operations.ts";
import { errorPlaces, unknownAnswerPlaces } from "./places.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

/** What of the order and the request bears on how an answer is read. */
export interface AnswerRules {
  readonly kind: OpenaiOperation;
  readonly masked: boolean;
  readonly stopSequences: boolean;
  /** Bytes of a whole answer, decoded. */
  readonly limit: number;
}

const firstErrorStatus = 400;

/** What clients of the API act on; the names of organisations and our upstream's request ids stay with us. */
const passingAnswerHeaders: HeaderAllowance = {
  names: new Set([
    "content-type",
    "cache-control",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "openai-processing-ms",
    "openai-version",
  ]),
  prefixes: ["x-ratelimit-"],
};

const headOf = ({ status, rawHeaders }: UpstreamAnswer): AnswerHead => {
  const passing = passingHeaders(rawHeaders, passingAnswerHeaders);
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < passing.length; at += 2) headers[passing[at] ?? ""] = passing[at + 1] ?? "";
  return { status, headers };
};

const invalid = (note: string, cause?: unknown): GatewayError => new GatewayError("upstream_invalid", undefined, { note, cause });

const readDocument = (text: string, table: PlaceTable, rules: AnswerRules): FramedMessage => {
  const located = locate(text, { table, numbers: table === unknownAnswerPlaces, passes: isApiWord });
  const cut = cutOf(located.fields, rules);
  return framedDocument(text, located, { dropEchoes: rules.masked, usage: usageOf(located.fields), cut });
};

/** An error's body: JSON where it is, else text, else opaque. An error that cannot be read must still reach the caller. */
const readErrorBody = (bytes: Buffer, type: MediaType | undefined, rules: AnswerRules): FramedMessage => {
  if (!isUtf8(bytes) || !isUtf8Type(type)) return framedBytes(bytes, false);
  const text = bytes.toString("utf8");
  try {
    return isJson(type) ? readDocument(text, errorPlaces, rules) : framedText(text);
  } catch (thrown) {
    if (thrown instanceof JsonError) return framedText(text);
    throw thrown;
  }
};

const readKnownBody = (bytes: Buffer, type: MediaType | undefined, rules: AnswerRules): FramedMessage => {
  if (!isJson(type)) throw invalid("the answer is not JSON");
  if (!isUtf8Type(type) || !isUtf8(bytes)) throw invalid("the answer is not UTF-8");
  try {
    return readDocument(bytes.toString("utf8"), apiOf(rules.kind.kind).answer, rules);
  } catch (thrown) {
    throw thrown instanceof JsonError ? invalid("the answer is not valid JSON", thrown) : thrown;
  }
};

const readUnknownBody = (bytes: Buffer, type: MediaType | undefined, rules: AnswerRules): FramedMessage => {
  if (bytes.length === 0) return framedText("");
  if (isJson(type)) return readKnownBody(bytes, type, rules);
  return framedBytes(bytes, isUtf8Type(type) && type?.essence.startsWith("text/") === true);
};

const readWhole = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<FramedMessage> => {
  const type = readMediaType(soleHeader(answer.rawHeaders, "content-type"));
  const bytes = await collectBody(answer, rules.limit);
  if (answer.status >= firstErrorStatus) return readErrorBody(bytes, type, rules);
  return apiOf(rules.kind.kind).described ? readKnownBody(bytes, type, rules) : readUnknownBody(bytes, type, rules);
};

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<Answer<FramedMessage>> => {
  const head = headOf(answer);
  const type = readMediaType(soleHeader(answer.rawHeaders, "content-type"));
  if (type?.essence !== "text/event-stream" || answer.status >= firstErrorStatus) {
    return { kind: "message", head, message: await readWhole(answer, rules), codec: framedCodec };
  }
  const stream = new EventStream({ grammar: apiOf(rules.kind.kind).grammar(rules.stopSequences), masked: rules.masked });
  return { kind: "stream", head, batches: streamBatches(answer, stream), codec: stream.codec };
};
