/** Answers of REST upstreams, whole and streamed. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { collectBody } from "../shared/answer-body.ts";
import { soleHeader } from "../shared/headers.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { type AnswerHeaders, type HeaderRules, readAnswerHeaders } from "./answer-headers.ts";
import { batchesOf, headOnly, type MessageTables, streamOf } from "./answer-stream.ts";
import { ByteStream } from "./body-stream.ts";
import type { CallWriting } from "./calls.ts";
import { answerCodec } from "./codec.ts";
import { dropEchoes } from "./echoes.ts";
import type { Framing } from "./error.ts";
import { type BodyKind, kindOf, syntaxOf } from "./media.ts";
import { emptyMessage, type RestMessage } from "./message.ts";
import { opaqueBody, textBody } from "./parts.ts";
import { jsonLengthHeader, readTensorAnswer } from "./tensors.ts";
import { isTextBytes } from "./utf8.ts";

/** What of the order and the request bears on how an answer is read. */
export interface AnswerRules extends HeaderRules, MessageTables {
  readonly method: string;
}

/** An answer of a REST upstream, as the core takes it. */
export type RestAnswer = Answer<RestMessage>;

/** Bytes of an answer that must be whole to be read; others stream and have no limit. 64 MiB: binary tensors of a batch of images. */
const answerLimit = 64 * 1024 * 1024;

/** Bytes up to which an answer whose length is known is masked as a whole; a longer one streams. */
const wholeBytes = 256 * 1024;

/** Milliseconds that an upstream has to end an answer without a body, so that its connection can be used again. */
const settleMs = 250;

const noContent = 204;
const partialContent = 206;
const notModified = 304;

const isBodiless = (method: string, status: number): boolean => method === "HEAD" || status === noContent || status === notModified;

const lengthOf = (rawHeaders: readonly string[]): number | undefined => {
  const value = soleHeader(rawHeaders, "content-length");
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
};

/** Kinds that are read as they come however short they are, because what they say comes bit by bit. */
const streams: ReadonlySet<BodyKind> = new Set(["events", "lines"]);

const readWhole = (bytes: Buffer, kind: BodyKind, { echoes }: MessageTables): RestMessage => {
  if (bytes.length === 0) return emptyMessage;
  if (kind === "media" || kind === "multipart" || !isTextBytes(bytes)) return opaqueBody(bytes);
  const came = bytes.toString("utf8");
  const text = echoes === undefined ? came : dropEchoes(came, echoes);
  return textBody(text, "assistant", kind === "json" ? "json" : syntaxOf(text));
};

/** The answer's headers as a message: the first of every answer. */
const headMessage = ({ texts }: AnswerHeaders, unreadable: boolean): RestMessage => ({
  ...emptyMessage,
  headers: texts,
  closings: texts.map(({ lane }) => ({ lane, complete: true })),
  visibility: unreadable ? "none" : "whole",
});

const emptyStream = new ByteStream();

/** How a stream of this kind may still say something. */
export const framingOf = (contentType: string | undefined): Framing => {
  const kind = kindOf(contentType);
  return kind === "events" || kind === "lines" ? kind : "none";
};

const streamAnswer = (answer: UpstreamAnswer, headers: AnswerHeaders, kind: BodyKind, rules: AnswerRules): RestAnswer => {
  const { status, rawHeaders } = answer;
  const stream = streamOf(kind, rules);
  const bytes = stream instanceof ByteStream;
  const length = bytes && soleHeader(rawHeaders, "content-encoding") === undefined ? lengthOf(rawHeaders) : undefined;
  const fixed = length === undefined ? headers.fixed : { ...headers.fixed, "content-length": String(length) };
  const first = headMessage(headers, bytes);
  return { kind: "stream", head: { status, headers: fixed }, batches: batchesOf(answer, first, stream), codec: stream.codec };
};

/** Refuses a part that nobody asked for, and an answer that is of two types. Throws `upstream_invalid`. */
const refuseNonsense = ({ status, rawHeaders, body }: UpstreamAnswer): void => {
  const types = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "content-type");
  if (status !== partialContent && types.length <= 1) return;
  body.cancel("the answer cannot be read in one way");
  throw new GatewayError("upstream_invalid", undefined, { note: "the answer is a part that nobody asked for, or of two types" });
};

/** An answer that has nothing but a head. How long its body would be is known only where nothing of it would change. */
const bodilessAnswer = async (answer: UpstreamAnswer, headers: AnswerHeaders, { method, masked }: AnswerRules): Promise<RestAnswer> => {
  const { status, rawHeaders } = answer;
  await answer.body.settle(settleMs);
  const length = method === "HEAD" && !masked ? lengthOf(rawHeaders) : undefined;
  const fixed = length === undefined ? headers.fixed : { ...headers.fixed, "content-length": String(length) };
  return { kind: "stream", head: { status, headers: fixed }, batches: headOnly(headMessage(headers, false)), codec: emptyStream.codec };
};

/** How the body of a whole answer is read. */
interface WholeReading {
  readonly writing: CallWriting;
  readonly read: (bytes: Buffer) => RestMessage;
}

const wholeAnswer = async (answer: UpstreamAnswer, headers: AnswerHeaders, { writing, read }: WholeReading): Promise<RestAnswer> => {
  const message = { ...read(await collectBody(answer, answerLimit)), headers: headers.texts };
  return { kind: "message", head: { status: answer.status, headers: headers.fixed }, message, codec: answerCodec(writing) };
};

/** Whether an answer is as short as it says: a coded one may be of any length. */
const isShort = (rawHeaders: readonly string[]): boolean =>
  soleHeader(rawHeaders, "content-encoding") === undefined && (lengthOf(rawHeaders) ?? Number.POSITIVE_INFINITY) <= wholeBytes;

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<RestAnswer> => {
  const { status, rawHeaders } = answer;
  refuseNonsense(answer);
  const headers = readAnswerHeaders(rawHeaders, rules);
  if (isBodiless(rules.method, status)) return bodilessAnswer(answer, headers, rules);
  const jsonLength = soleHeader(rawHeaders, jsonLengthHeader);
  if (jsonLength !== undefined) {
    const read = (bytes: Buffer): RestMessage => readTensorAnswer(bytes, jsonLength) ?? opaqueBody(bytes);
    return wholeAnswer(answer, headers, { writing: "loose", read });
  }
  const kind = kindOf(soleHeader(rawHeaders, "content-type"));
  if (streams.has(kind) || !isShort(rawHeaders)) return streamAnswer(answer, headers, kind, rules);
  const writing = kind === "json" ? "json" : "loose";
  return wholeAnswer(answer, headers, { writing, read: (bytes) => readWhole(bytes, kind, rules) });
};
