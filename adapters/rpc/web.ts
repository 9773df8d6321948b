/** gRPC-Web (grpc/grpc `doc/PROTOCOL-WEB.md`), in its binary and its text mode. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { soleHeader } from "../shared/headers.ts";
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
  invalidAnswer,
  statusAnswer,
} from "./answer.ts";
import type { BodyEncoder, Dialect, HttpWords } from "./dialect.ts";
import { frameParts } from "./frame-parts.ts";
import { grpcOrderHeaders, readGrpcTimeout, sessionName, statusMetadata } from "./grpc-status.ts";
import type { RpcEnd, RpcMessage, RpcPart } from "./message.ts";
import type { MessageEncoding } from "./messages/index.ts";
import { headersOf, metadataValue, passingMetadata } from "./metadata.ts";
import { readFramed } from "./request.ts";
import { wireOf } from "./sending.ts";
import { Base64Decoder, Base64Encoder } from "./wire/base64-stream.ts";
import { type Frame, frameOf } from "./wire/frame.ts";
import { formatWebTrailers, parseWebTrailers, trailersFlag } from "./wire/web-trailers.ts";

const webType = /^application\/grpc-web(-text)?(?:\+([A-Za-z0-9._-]+))?\s*(?:;|$)/i;

const requestFraming: ReadonlySet<string> = new Set([
  "grpc-timeout",
  "grpc-accept-encoding",
  "accept-encoding",
  "content-encoding",
  "origin",
  "referer",
]);
const answerFraming: ReadonlySet<string> = new Set(["content-encoding"]);

const okStatus = "0";
const okHttp = 200;

const encodingOf = (codec = "proto"): MessageEncoding | undefined => {
  const name = codec.toLowerCase();
  return name === "proto" || name === "json" ? name : undefined;
};

/** The media type of a refusal: the request's own, as far as it was read. */
const answerType = ([, text = "", codec]: RegExpExecArray): string =>
  `application/grpc-web${text}${codec === undefined ? "" : `+${codec}`}`;

const base64 = (bytes: Buffer): string => bytes.toString("base64");

const textEncoder = (): BodyEncoder => {
  const encoder = new Base64Encoder();
  return {
    push: (bytes) => Buffer.from(encoder.push(bytes), "latin1"),
    end: () => Buffer.from(encoder.end(), "latin1"),
  };
};

/** The frame that ends an answer. */
const readEnd = (frame: Frame, rawHeaders: readonly string[], { limits }: AnswerReading, out: RpcMessage[]): void => {
  const { messageBytes } = limits;
  const coding = soleHeader(rawHeaders, "grpc-encoding");
  const block = answerInflating(coding, messageBytes).inflate(frame);
  const metadata = passingMetadata(parseWebTrailers(block), answerFraming);
  if (metadataValue(metadata, "grpc-status") === okStatus) out.push(completed);
  out.push({ kind: "end", alone: undefined, metadata });
};

const formOf = ({ status, rawHeaders }: AnswerBytes, text: boolean, reading: AnswerReading): AnswerForm => {
  const payloads = answerPayloads(reading, soleHeader(rawHeaders, "grpc-encoding"));
  const limits = { messageBytes: reading.limits.messageBytes, tooLarge: answerTooLarge };
  const parts = frameParts({ payloads, limits, special: trailersFlag, end: (frame, out) => readEnd(frame, rawHeaders, reading, out) });
  const decoder = new Base64Decoder();
  return {
    opening: { kind: "opening", status, metadata: passingMetadata(rawHeaders, answerFraming), parts: [] },
    read: (chunk, out) => parts.push(text ? decoder.push(chunk) : chunk, out),
    finish: () => {
      throw invalidAnswer("the answer ended without its trailers");
    },
  };
};

const answerOf = async (bytes: AnswerBytes, reading: AnswerReading): Promise<Answer<RpcMessage>> => {
  const { status, rawHeaders } = bytes;
  if (status !== okHttp) return statusAnswer(bytes, reading);
  const found = webType.exec(soleHeader(rawHeaders, "content-type") ?? "");
  if (found === null) throw invalidAnswer("the answer is not gRPC-Web");
  const metadata = passingMetadata(rawHeaders, answerFraming);
  if (metadataValue(metadata, "grpc-status") === undefined)
    return bodyAnswer(bytes, formOf(bytes, found[1] !== undefined, reading), reading);
  await bytes.body.return();
  return endAnswer(status, { kind: "end", alone: status, metadata }, reading);
};

/** The dialect of a request of this media type; undefined: it is another's. Throws `request_invalid` for a deadline that is none. */
export const webDialect = (rawHeaders: readonly string[]): Dialect | undefined => {
  const found = webType.exec(soleHeader(rawHeaders, "content-type") ?? "");
  if (found === null) return undefined;
  const text = found[1] !== undefined;
  const encoding = encodingOf(found[2]);
  const coding = soleHeader(rawHeaders, "grpc-encoding");
  const decoder = new Base64Decoder();
  const written = (bytes: Buffer): Buffer | string => (text ? base64(bytes) : bytes);
  const trailersFrame = (metadata: readonly string[]): Buffer | string => written(frameOf(trailersFlag, formatWebTrailers(metadata)).wire);
  return {
    encoding,
    coding,
    within: readGrpcTimeout(rawHeaders),
    decode: text ? (chunk) => decoder.push(chunk) : undefined,
    read: (reading) =>
      readFramed({
        ...reading,
        metadata: passingMetadata(rawHeaders, requestFraming),
        coding,
        encoding,
      }),
    order: ({ metadata }, ordering) => ({ method: "POST", query: "", headers: grpcOrderHeaders(metadata, rawHeaders, ordering) }),
    ...(text ? { encoder: textEncoder } : {}),
    answer: answerOf,
    head: ({ status, metadata }) => ({ status, headers: headersOf(metadata) }),
    part: (part: RpcPart) => written(wireOf(part)),
    end: ({ alone, metadata }: RpcEnd): HttpWords =>
      alone === undefined
        ? { status: okHttp, headers: {}, body: trailersFrame(metadata) }
        : { status: alone, headers: headersOf(metadata), body: "" },
    refusal: (error: GatewayError, session: string) => ({
      status: okHttp,
      headers: { "content-type": answerType(found), [sessionName]: session, ...headersOf(statusMetadata(error, session)) },
      body: "",
    }),
    lastWords: (error, session) => trailersFrame(statusMetadata(error, session)),
  };
};
