/** Connect's unary calls (Connect protocol, "Unary-Request"): a message is a body, an error a status with JSON, trailers are headers. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { soleHeader } from "../shared/headers.ts";
import { readMediaType } from "../shared/media-type.ts";
import {
  type AnswerBytes,
  type AnswerForm,
  type AnswerReading,
  answerInflating,
  answerPayloads,
  answerTooLarge,
  bodyAnswer,
  completed,
  endAnswer,
  statusAnswer,
} from "./answer.ts";
import { connectOrderHeaders, failureOf, readConnectTimeout } from "./connect.ts";
import type { Dialect, HttpOrder, HttpWords, Ordering, RefusalWords } from "./dialect.ts";
import type { RpcEnd, RpcMessage, RpcOpening } from "./message.ts";
import type { MessageEncoding } from "./messages/index.ts";
import { headersOf, passingMetadata } from "./metadata.ts";
import { Payload } from "./payload.ts";
import { PlainRefusal } from "./plain-refusal.ts";
import { readBare } from "./request.ts";
import { wireOf, wireOfAll } from "./sending.ts";
import { bareFrame, bareFrames } from "./wire/bare-message.ts";
import { connectStatuses } from "./wire/connect-code.ts";
import { formatConnectFailure, readConnectFailure } from "./wire/connect-failure.ts";
import { type ConnectQuery, formatConnectQuery, readConnectQuery } from "./wire/connect-get.ts";

const unaryType = /^application\/([A-Za-z0-9._-]+)$/;

/** gRPC itself, which needs trailers and so HTTP/2. */
const grpcCodec = /^grpc(?:$|[.+-])/i;

const requestFraming: ReadonlySet<string> = new Set(["connect-timeout-ms", "accept-encoding", "if-none-match", "if-modified-since"]);
const noFraming: ReadonlySet<string> = new Set();
/** What says how an error's body is written, which is written anew. */
const errorFraming: ReadonlySet<string> = new Set(["content-encoding", "content-type"]);

const okHttp = 200;

const collect = async (bytes: AnswerBytes, { limits }: AnswerReading): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const read of bytes.body) {
    for (const chunk of read) size += chunk.length;
    if (size > limits.messageBytes) throw answerTooLarge();
    chunks.push(...read);
  }
  return Buffer.concat(chunks, size);
};

/** An error's body is read whole: it is small, and nothing of it may pass unseen. */
const failureAnswer = async (bytes: AnswerBytes, reading: AnswerReading): Promise<Answer<RpcMessage>> => {
  const { status, rawHeaders } = bytes;
  const coding = soleHeader(rawHeaders, "content-encoding");
  const { messageBytes } = reading.limits;
  const body = answerInflating(coding, messageBytes).inflate(bareFrame(await collect(bytes, reading), coding));
  const failure = readConnectFailure(body.toString("utf8"));
  if (failure === undefined) return statusAnswer(bytes, reading);
  const metadata = passingMetadata(rawHeaders, errorFraming);
  const original = reading.masked ? undefined : body;
  return endAnswer(status, { kind: "end", alone: status, metadata, failure, original }, reading);
};

const formOf = ({ status, rawHeaders }: AnswerBytes, reading: AnswerReading): AnswerForm => {
  const coding = soleHeader(rawHeaders, "content-encoding");
  const payloads = answerPayloads(reading, coding);
  const end: RpcEnd = { kind: "end", alone: undefined, metadata: [] };
  const opening: RpcOpening = { kind: "opening", status, metadata: passingMetadata(rawHeaders, noFraming), parts: [] };
  if (payloads === undefined) {
    return { opening, read: (bytes, out) => out.push({ kind: "raw", bytes }), finish: (out) => out.push(end) };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    opening,
    read: (chunk) => {
      size += chunk.length;
      if (size > reading.limits.messageBytes) throw answerTooLarge();
      chunks.push(chunk);
    },
    finish: (out) => {
      const body = bareFrame(Buffer.concat(chunks, size), coding);
      out.push(new Payload(body, { ...payloads, frame: bareFrames(coding) }), completed, end);
    },
  };
};

const answerOf = async (bytes: AnswerBytes, reading: AnswerReading): Promise<Answer<RpcMessage>> =>
  bytes.status === okHttp ? bodyAnswer(bytes, formOf(bytes, reading), reading) : failureAnswer(bytes, reading);

/** What a request says of how its message is written. */
interface UnaryRequest {
  readonly rawHeaders: readonly string[];
  readonly codec: string;
  readonly coding: string | undefined;
  /** Of a call by GET. */
  readonly query: ConnectQuery | undefined;
}

const readUnary = (method: string, query: string, rawHeaders: readonly string[]): UnaryRequest => {
  if (method === "GET") {
    const read = readConnectQuery(query);
    return { rawHeaders, codec: read.codec, coding: read.coding, query: read };
  }
  const codec = unaryType.exec(readMediaType(soleHeader(rawHeaders, "content-type"))?.essence ?? "")?.[1];
  if (codec === undefined || grpcCodec.test(codec)) throw new PlainRefusal("media_type_unsupported");
  return { rawHeaders, codec, coding: soleHeader(rawHeaders, "content-encoding"), query: undefined };
};

const orderOf = ({ rawHeaders, query }: UnaryRequest, { metadata, parts }: RpcOpening, ordering: Ordering): HttpOrder => {
  const headers = connectOrderHeaders(metadata, { rawHeaders, accepting: "accept-encoding", ...ordering });
  if (query === undefined) return { method: "POST", query: "", headers };
  const message = wireOfAll(parts) ?? Buffer.alloc(0);
  return { method: "GET", query: message === query.message ? query.original : formatConnectQuery(query, message), headers };
};

const jsonType = "application/json";

const endOf = ({ alone, metadata, failure, original }: RpcEnd): HttpWords => {
  if (alone === undefined || failure === undefined) return { status: alone ?? okHttp, headers: headersOf(metadata), body: "" };
  return { status: alone, headers: { ...headersOf(metadata), "content-type": jsonType }, body: original ?? formatConnectFailure(failure) };
};

const encodingOf = (codec: string): MessageEncoding | undefined => (codec === "proto" || codec === "json" ? codec : undefined);

/** A stopped call. One that waits for an approval without its caller keeps its own status: clients read the error in any that is not 200. */
export const connectRefusal = (error: GatewayError, session: string): HttpWords => {
  const failure = failureOf(error, session);
  const status = error.pending === undefined ? connectStatuses[failure.code] : error.ruling.http;
  return { status, headers: { "content-type": jsonType }, body: formatConnectFailure(failure) };
};

/** How a stopped unary call is told: an answer that has begun has no place for an error, so it breaks off. */
export const connectWords: RefusalWords = { refusal: connectRefusal, lastWords: () => undefined };

/** The dialect of any other request, by POST or GET. Throws `request_invalid` or `media_type_unsupported` for one that is none of Connect's. */
export const connectUnaryDialect = (method: string, query: string, rawHeaders: readonly string[]): Dialect => {
  const request = readUnary(method, query, rawHeaders);
  const encoding = encodingOf(request.codec);
  return {
    encoding,
    coding: request.coding,
    within: readConnectTimeout(rawHeaders),
    read: (reading) =>
      readBare(
        { ...reading, metadata: passingMetadata(rawHeaders, requestFraming), coding: request.coding, encoding },
        request.query?.message,
      ),
    order: (opening, ordering) => orderOf(request, opening, ordering),
    answer: answerOf,
    head: ({ status, metadata }) => ({ status, headers: headersOf(metadata) }),
    part: wireOf,
    end: endOf,
    ...connectWords,
  };
};
