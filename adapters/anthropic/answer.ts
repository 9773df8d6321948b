/** Answers of the Messages API, whole and streamed, errors of the upstream included. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, AnswerHead } from "../../src/envelope/exchange.ts";
import { framedCodec } from "../shared/document.ts";
import { streamBatches } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import type { HeaderAllowance } from "../shared/headers.ts";
import { answerHead, isEventStream, readJsonAnswer } from "../shared/json-answer.ts";
import { locate } from "../shared/locate.ts";
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
  /** The session's id. */
  readonly session: string;
}

/**
 * Bytes of a whole answer, decoded. The API takes requests of 32 MiB: an answer that repeats fetched documents may be as long, and its escapes as long
 * again.
 */
const answerLimit = 64 * 1024 * 1024;

/** What clients of the API act on; the names of organisations and our upstream's request ids stay with us. */
const passingAnswerHeaders: HeaderAllowance = {
  names: new Set(["content-type", "cache-control", "retry-after", "retry-after-ms", "x-should-retry"]),
  prefixes: ["anthropic-ratelimit-", "anthropic-priority-"],
};

const headOf = (answer: UpstreamAnswer, session: string): AnswerHead => {
  const { status, headers } = answerHead(answer, passingAnswerHeaders);
  return { status, headers: { ...headers, ...sessionHeader(session) } };
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

/** A JSON body as the operation's table reads it. Throws JsonError. */
export const readDocument = (text: string, table: PlaceTable): FramedMessage => {
  if (table === messageAnswerPlaces) return readMessage(text);
  const located = locate(text, { table, numbers: table === unknownAnswerPlaces, passes: isApiWord });
  return messageOf(text, located, { usage: usageOf(located.fields) });
};

const readWhole = (answer: UpstreamAnswer, { kind }: AnswerRules): Promise<FramedMessage> =>
  readJsonAnswer(answer, {
    limit: answerLimit,
    described: kind.kind !== "unknown",
    document: (text) => readDocument(text, placesOf(kind)),
    error: (text) => readDocument(text, errorPlaces),
    other: (type) => (isJsonLines(type) ? framedLines : undefined),
  });

const streamed = (answer: UpstreamAnswer, head: AnswerHead): Answer<FramedMessage> => {
  const { events, codec } = messageStream();
  return { kind: "stream", head, batches: streamBatches(answer, events), codec };
};

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<Answer<FramedMessage>> => {
  const head = headOf(answer, rules.session);
  const isMessages = rules.kind.kind === "messages";
  if (!isEventStream(answer))
    return { kind: "message", head, message: await readWhole(answer, rules), codec: isMessages ? answerCodec : framedCodec };
  if (isMessages) return streamed(answer, head);
  throw new GatewayError("upstream_invalid", undefined, { note: "a stream where none is known" });
};
