/** The streams of Connect (Connect protocol, "Streaming RPCs"): messages in envelopes, of which the last says how the call ended. */

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
  invalidAnswer,
  statusAnswer,
} from "./answer.ts";
import { connectOrderHeaders, failureOf, readConnectTimeout } from "./connect.ts";
import type { Dialect } from "./dialect.ts";
import { frameParts } from "./frame-parts.ts";
import type { RpcEnd, RpcMessage } from "./message.ts";
import type { MessageEncoding } from "./messages/index.ts";
import { headersOf, passingMetadata } from "./metadata.ts";
import { readFramed } from "./request.ts";
import { wireOf } from "./sending.ts";
import { type ConnectEnd, formatConnectEnd, readConnectEnd } from "./wire/connect-failure.ts";
import { type Frame, frameOf } from "./wire/frame.ts";

/** The envelope ends the stream. */
const endFlag = 0x02;

const streamType = /^application\/connect\+([A-Za-z0-9._-]+)\s*(?:;|$)/i;

const requestFraming: ReadonlySet<string> = new Set([
  "connect-timeout-ms",
  "connect-accept-encoding",
  "accept-encoding",
  "content-encoding",
]);
const answerFraming: ReadonlySet<string> = new Set(["content-encoding", "accept-encoding"]);

const codingName = "connect-content-encoding";
const okHttp = 200;

const encodingOf = (codec: string): MessageEncoding | undefined => (codec === "proto" || codec === "json" ? codec : undefined);

/** The envelope that ends an answer. Where the answer is masked what no table names is left out, and with it the bytes as they came. */
const readEnd = (frame: Frame, coding: string | undefined, { limits, masked }: AnswerReading, out: RpcMessage[]): void => {
  const { messageBytes } = limits;
  const text = answerInflating(coding, messageBytes).inflate(frame).toString("utf8");
  const end = readConnectEnd(text);
  if (end === undefined) throw invalidAnswer("the answer's last message is not what Connect says");
  if (end.failure === undefined) out.push(completed);
  out.push({ kind: "end", alone: undefined, ...end, original: masked ? undefined : frame.wire });
};

const formOf = ({ status, rawHeaders }: AnswerBytes, reading: AnswerReading): AnswerForm => {
  const coding = soleHeader(rawHeaders, codingName);
  const parts = frameParts({
    payloads: answerPayloads(reading, coding),
    limits: { messageBytes: reading.limits.messageBytes, tooLarge: answerTooLarge },
    special: endFlag,
    end: (frame, out) => readEnd(frame, coding, reading, out),
  });
  return {
    opening: { kind: "opening", status, metadata: passingMetadata(rawHeaders, answerFraming), parts: [] },
    read: (chunk, out) => parts.push(chunk, out),
    finish: () => {
      throw invalidAnswer("the answer ended without its last message");
    },
  };
};

const answerOf = async (bytes: AnswerBytes, reading: AnswerReading): Promise<Answer<RpcMessage>> => {
  const { status, rawHeaders } = bytes;
  if (status !== okHttp) return statusAnswer(bytes, reading);
  if (!streamType.test(soleHeader(rawHeaders, "content-type") ?? "")) throw invalidAnswer("the answer is not a stream of Connect");
  return bodyAnswer(bytes, formOf(bytes, reading), reading);
};

const endFrame = (end: ConnectEnd): Buffer => frameOf(endFlag, Buffer.from(formatConnectEnd(end), "utf8")).wire;

/** Lengths below this are written with bytes that are single characters of UTF-8 as well. */
const oneByteCharacters = 0x80;

/**
 * The envelope that says why a call was stopped. Spaces behind its JSON bring its length to one whose every byte is a character of UTF-8, so that the envelope
 * may also be handed on as text (the listener's refusals are).
 */
const failureFrame = (error: GatewayError, session: string): Buffer => {
  let json = formatConnectEnd({ failure: failureOf(error, session), metadata: [] });
  while (Buffer.byteLength(json) % (oneByteCharacters * 2) >= oneByteCharacters) json += " ";
  return frameOf(endFlag, Buffer.from(json, "utf8")).wire;
};

/** The dialect of a request of this media type; undefined: it is another's. Throws `request_invalid` for a deadline that is none. */
export const connectStreamDialect = (rawHeaders: readonly string[]): Dialect | undefined => {
  const codec = streamType.exec(soleHeader(rawHeaders, "content-type") ?? "")?.[1]?.toLowerCase();
  if (codec === undefined) return undefined;
  const encoding = encodingOf(codec);
  const coding = soleHeader(rawHeaders, codingName);
  return {
    encoding,
    coding,
    within: readConnectTimeout(rawHeaders),
    read: (reading) =>
      readFramed({
        ...reading,
        metadata: passingMetadata(rawHeaders, requestFraming),
        coding,
        encoding,
      }),
    order: ({ metadata }, ordering) => ({
      method: "POST",
      query: "",
      headers: connectOrderHeaders(metadata, { rawHeaders, accepting: "connect-accept-encoding", ...ordering }),
    }),
    answer: answerOf,
    head: ({ status, metadata }) => ({ status, headers: headersOf(metadata) }),
    part: wireOf,
    end: ({ metadata, failure, original }: RpcEnd) => ({ status: okHttp, headers: {}, body: original ?? endFrame({ metadata, failure }) }),
    refusal: (error, session) => ({
      status: okHttp,
      headers: { "content-type": `application/connect+${codec}` },
      body: failureFrame(error, session),
    }),
    lastWords: failureFrame,
  };
};
