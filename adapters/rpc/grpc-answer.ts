/** A gRPC answer as the core follows it: metadata, messages, status. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { soleHeader } from "../shared/headers.ts";
import type { Http2Call, Http2Head } from "../shared/http2-call.ts";
import type { RpcLimits } from "./call.ts";
import { RpcCodec } from "./codec.ts";
import type { RpcEnd, RpcMark, RpcMessage } from "./message.ts";
import type { MessageEncoding, MethodMessages } from "./messages/index.ts";
import { metadataValue, passingMetadata } from "./metadata.ts";
import { Payload } from "./payload.ts";
import { FrameReader } from "./wire/frame.ts";
import { Inflating } from "./wire/message-coding.ts";

export interface AnswerReading {
  readonly method: MethodMessages | undefined;
  /** How messages are written; undefined: in a way that nobody here can read. */
  readonly encoding: MessageEncoding | undefined;
  readonly limits: RpcLimits;
}

const invalid = (note: string, cause?: unknown): GatewayError =>
  new GatewayError("upstream_invalid", undefined, cause === undefined ? { note } : { note, cause });

const tooLarge = (): GatewayError => invalid("a message is too large");
const broken = (cause: unknown): GatewayError => invalid("a message is not what its frame says", cause);

const mark: RpcMark = { kind: "mark" };
const noFraming: ReadonlySet<string> = new Set();

/** What a status of HTTP means where gRPC's own is missing (grpc/grpc `doc/http-grpc-status-mapping.md`), with this gateway's reasons. */
const statusError = (status: number): GatewayError => {
  const note = `the upstream answered ${status}`;
  if (status === 404) return new GatewayError("operation_unsupported", "The model's server does not know this method.", { note });
  const away = status === 429 || status === 502 || status === 503 || status === 504;
  return new GatewayError(away ? "upstream_unavailable" : "upstream_invalid", undefined, { note });
};

const grpcType = /^application\/grpc(?:\+|;|$)/i;

/** Throws unless the head is that of a gRPC answer. */
const checkHead = ({ status, rawHeaders }: Http2Head): void => {
  if (status !== 200) throw statusError(status);
  if (!grpcType.test(soleHeader(rawHeaders, "content-type") ?? "")) throw invalid("the answer is not gRPC");
};

/** Puts the messages in bytes into a batch. */
type ChunkReader = (chunk: Buffer, out: RpcMessage[]) => void;

const rawReader: ChunkReader = (bytes, out) => {
  out.push({ kind: "raw", bytes });
};

const okStatus = "0";

/** Batches of one answer: what one read of the upstream's connection brought. A whole short answer is one batch. */
class GrpcAnswer implements AsyncIterableIterator<readonly RpcMessage[]> {
  readonly #call: Http2Call;
  readonly #frames: FrameReader | undefined;
  readonly #read: ChunkReader;
  #opening: RpcMessage | undefined;
  #ended = false;

  constructor(call: Http2Call, head: Http2Head, reading: AnswerReading) {
    const { method, encoding, limits } = reading;
    this.#call = call;
    this.#opening = { kind: "opening", status: head.status, metadata: passingMetadata(head.rawHeaders, noFraming), parts: [] };
    if (method === undefined || encoding === undefined) {
      this.#read = rawReader;
      return;
    }
    const { messageBytes } = limits;
    const coding = soleHeader(head.rawHeaders, "grpc-encoding");
    const payloads = {
      reader: method.response.open(encoding),
      inflating: new Inflating({ coding, messageBytes, tooLarge, invalid: broken }),
    };
    const frames = new FrameReader({ messageBytes, tooLarge });
    this.#frames = frames;
    this.#read = (chunk, out) => frames.push(chunk, (frame) => out.push(new Payload(frame, payloads)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly RpcMessage[], undefined>> {
    const batch: RpcMessage[] = [];
    if (this.#opening !== undefined) {
      batch.push(this.#opening);
      this.#opening = undefined;
      this.#take(this.#call.body.unread(), batch);
    }
    while (batch.length === 0 && !this.#ended) {
      const { done, value } = await this.#call.body.next();
      if (done === true) this.#end(batch);
      else this.#take(value, batch);
    }
    return batch.length === 0 ? { done: true, value: undefined } : { done: false, value: batch };
  }

  async return(): Promise<IteratorResult<readonly RpcMessage[], undefined>> {
    this.#ended = true;
    await this.#call.body.return();
    return { done: true, value: undefined };
  }

  #take(chunks: readonly Buffer[], batch: RpcMessage[]): void {
    try {
      for (const chunk of chunks) this.#read(chunk, batch);
    } catch (thrown) {
      this.#call.stop(GatewayError.from(thrown));
      throw thrown;
    }
    if (this.#call.body.over) this.#end(batch);
  }

  #end(batch: RpcMessage[]): void {
    if (this.#frames?.partial === true) throw invalid("the answer ended within a message");
    this.#ended = true;
    const metadata = passingMetadata(this.#call.trailers, noFraming);
    if (metadataValue(metadata, "grpc-status") === okStatus) batch.push(mark);
    batch.push({ kind: "end", alone: undefined, metadata });
  }
}

async function* alone(end: RpcEnd): AsyncGenerator<readonly RpcMessage[]> {
  yield [end];
}

/** The answer to a call. Rejects with `upstream_*` where it is none of gRPC's, or never begins. */
export const readGrpcAnswer = async (call: Http2Call, reading: AnswerReading): Promise<Answer<RpcMessage>> => {
  const head = await call.head;
  try {
    checkHead(head);
  } catch (thrown) {
    call.stop(GatewayError.from(thrown));
    throw thrown;
  }
  const { status, rawHeaders } = head;
  const raw = reading.method === undefined || reading.encoding === undefined;
  const codec = new RpcCodec({ direction: "response", raw });
  const batches = head.last
    ? alone({ kind: "end", alone: status, metadata: passingMetadata(rawHeaders, noFraming) })
    : new GrpcAnswer(call, head, reading);
  return { kind: "stream", head: { status, headers: {} }, batches, codec };
};
