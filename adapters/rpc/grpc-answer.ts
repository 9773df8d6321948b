/** A gRPC answer: messages in frames, status and metadata in trailers. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { soleHeader } from "../shared/headers.ts";
import type { Http2Call, Http2Head } from "../shared/http2-call.ts";
import {
  type AnswerBytes,
  type AnswerForm,
  type AnswerReading,
  answerBroken,
  answerPayloads,
  answerTooLarge,
  bodyAnswer,
  completed,
  endAnswer,
  invalidAnswer,
  statusAnswer,
} from "./answer.ts";
import type { RpcMessage } from "./message.ts";
import { metadataValue, passingMetadata } from "./metadata.ts";
import { Payload } from "./payload.ts";
import { FrameReader } from "./wire/frame.ts";

const noFraming: ReadonlySet<string> = new Set();
const okStatus = "0";
const okHttp = 200;
const grpcType = /^application\/grpc(?:\+|;|$)/i;

const formOf = (call: Http2Call, { status, rawHeaders }: Http2Head, reading: AnswerReading): AnswerForm => {
  const payloads = answerPayloads(reading, soleHeader(rawHeaders, "grpc-encoding"));
  const frames = payloads && new FrameReader({ messageBytes: reading.limits.messageBytes, tooLarge: answerTooLarge });
  const raw = (bytes: Buffer, out: RpcMessage[]): void => {
    out.push({ kind: "raw", bytes });
  };
  return {
    opening: { kind: "opening", status, metadata: passingMetadata(rawHeaders, noFraming), parts: [] },
    read:
      payloads === undefined || frames === undefined
        ? raw
        : (chunk, out) => frames.push(chunk, (frame) => out.push(new Payload(frame, payloads))),
    finish: (out) => {
      if (frames?.partial === true) throw answerBroken();
      const metadata = passingMetadata(call.trailers, noFraming);
      if (metadataValue(metadata, "grpc-status") === okStatus) out.push(completed);
      out.push({ kind: "end", alone: undefined, metadata });
    },
  };
};

const answerOf = (call: Http2Call, head: Http2Head, reading: AnswerReading): Answer<RpcMessage> => {
  const { status, rawHeaders } = head;
  const bytes: AnswerBytes = { status, rawHeaders, body: call.body, stop: (error) => call.stop(error) };
  if (status !== okHttp) return statusAnswer(bytes, reading);
  if (!grpcType.test(soleHeader(rawHeaders, "content-type") ?? "")) throw invalidAnswer("the answer is not gRPC");
  if (head.last) return endAnswer(status, { kind: "end", alone: status, metadata: passingMetadata(rawHeaders, noFraming) }, reading);
  return bodyAnswer(bytes, formOf(call, head, reading), reading);
};

/** The answer to a call. Rejects with `upstream_*` where it is none of gRPC's, or never begins. */
export const readGrpcAnswer = async (call: Http2Call, reading: AnswerReading): Promise<Answer<RpcMessage>> => {
  const head = await call.head;
  try {
    return answerOf(call, head, reading);
  } catch (thrown) {
    call.stop(GatewayError.from(thrown));
    throw thrown;
  }
};
