/** Answers of the OpenAI API, whole and streamed, errors of the upstream included. */

import type { Answer } from "../../src/envelope/exchange.ts";
import { framedDocument } from "../shared/document.ts";
import { EventStream, streamBatches } from "../shared/events/index.ts";
import type { FramedMessage } from "../shared/frame.ts";
import type { HeaderAllowance } from "../shared/headers.ts";
import { answerHead, isEventStream, readJsonAnswer } from "../shared/json-answer.ts";
import { type FoundText, locate } from "../shared/locate.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { apiOf } from "./apis.ts";
import { cutOf } from "./cut.ts";
import { answerCodecOf } from "./limited.ts";
import type { OpenaiOperation } from "./operations.ts";
import { errorPlaces, unknownAnswerPlaces } from "./places.ts";
import { PartRuns } from "./responses/part-runs.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

/** What of the order and the request bears on how an answer is read. */
export interface AnswerRules {
  readonly kind: OpenaiOperation;
  readonly masked: boolean;
  readonly stopSequences: boolean;
  /** Whether the caller asked a stream to tell what the call has used; absent: they did not. */
  readonly usageAsked?: boolean;
}

/** Bytes of a whole answer, decoded. 64 MiB: a batch of 2,048 embeddings of 3,072 numbers, written out. */
const answerLimit = 64 * 1024 * 1024;

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

const readDocument = (text: string, table: PlaceTable, rules: AnswerRules): FramedMessage => {
  const located = locate(text, { table, numbers: table === unknownAnswerPlaces, passes: isApiWord });
  const cut = cutOf(located.fields, rules);
  const runs = new PartRuns();
  const laneOf = (found: FoundText) => runs.laneOf(found);
  return framedDocument(text, located, { dropEchoes: rules.masked, usage: usageOf(located.fields), cut, laneOf });
};

const readWhole = (answer: UpstreamAnswer, rules: AnswerRules): Promise<FramedMessage> => {
  const { described, answer: table } = apiOf(rules.kind.kind);
  return readJsonAnswer(answer, {
    limit: answerLimit,
    described,
    document: (text) => readDocument(text, table, rules),
    error: (text) => readDocument(text, errorPlaces, rules),
  });
};

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<Answer<FramedMessage>> => {
  const head = answerHead(answer, passingAnswerHeaders);
  if (!isEventStream(answer))
    return { kind: "message", head, message: await readWhole(answer, rules), codec: answerCodecOf(rules.kind.kind) };
  const stream = new EventStream({
    grammar: apiOf(rules.kind.kind).grammar(rules.stopSequences, rules.usageAsked),
    masked: rules.masked,
    walksIdentifiers: rules.masked,
  });
  return { kind: "stream", head, batches: streamBatches(answer, stream), codec: stream.codec };
};
