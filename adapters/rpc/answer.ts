/** Answers of every protocol as the core follows them: metadata, messages, the end. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import type { UpstreamBody } from "../shared/upstream-body.ts";
import type { RpcLimits } from "./call.ts";
import { RpcCodec } from "./codec.ts";
import type { RpcEnd, RpcMark, RpcMessage, RpcOpening } from "./message.ts";
import type { MessageEncoding, MethodMessages } from "./messages/index.ts";
import { passingMetadata } from "./metadata.ts";
import { type PayloadReading, plainFrame } from "./payload.ts";
import { Inflating, isReadable } from "./wire/message-coding.ts";

/** How an answer is read. */
export interface AnswerReading {
  readonly method: MethodMessages | undefined;
  /** How messages are written; undefined: in a way that nobody here can read. */
  readonly encoding: MessageEncoding | undefined;
  readonly limits: RpcLimits;
  /** Whether its text is masked for the caller. */
  readonly masked: boolean;
}

/** An answer whose head has arrived, whichever version of HTTP brought it. */
export interface AnswerBytes {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: UpstreamBody;
  /** Ends the call now. */
  stop(error: GatewayError): void;
}

/** How one protocol puts an answer into its body. */
export interface AnswerForm {
  readonly opening: RpcOpening;
  /** Puts the messages that these bytes complete into a batch. An `end` among them is the last. */
  read(chunk: Buffer, out: RpcMessage[]): void;
  /** Puts what follows from the body's end into a batch. Throws `upstream_invalid` where it ended too early. */
  finish(out: RpcMessage[]): void;
}

/** Milliseconds that an upstream has to end its body after its last message, so that its connection can be used again. */
const settleMs = 250;

export const completed: RpcMark = { kind: "mark" };

export const invalidAnswer = (note: string, cause?: unknown): GatewayError =>
  new GatewayError("upstream_invalid", undefined, cause === undefined ? { note } : { note, cause });

export const answerTooLarge = (): GatewayError => invalidAnswer("a message is too large");
export const answerBroken = (cause?: unknown): GatewayError => invalidAnswer("a message is not what its frame says", cause);

/** Undoes the compression of an answer's messages. */
export const answerInflating = (coding: string | undefined, messageBytes: number): Inflating =>
  new Inflating({ coding, messageBytes, tooLarge: answerTooLarge, codingMissing: answerBroken, invalid: answerBroken });

/** What reads an answer's messages; undefined: nobody can. */
export const answerPayloads = (reading: AnswerReading, coding: string | undefined): PayloadReading | undefined => {
  const { method, encoding, limits } = reading;
  if (method === undefined || encoding === undefined || !isReadable(coding)) return undefined;
  const { messageBytes } = limits;
  const inflating = answerInflating(coding, messageBytes);
  return { reader: method.response.open(encoding), inflating, frame: plainFrame };
};

/** Batches of one answer: what one read of the upstream's connection brought. A whole short answer is one batch. */
class AnswerBatches implements AsyncIterableIterator<readonly RpcMessage[]> {
  readonly #bytes: AnswerBytes;
  readonly #form: AnswerForm;
  #opened = false;
  #ended = false;

  constructor(bytes: AnswerBytes, form: AnswerForm) {
    this.#bytes = bytes;
    this.#form = form;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly RpcMessage[], undefined>> {
    const batch: RpcMessage[] = [];
    const { body } = this.#bytes;
    if (!this.#opened) {
      this.#opened = true;
      batch.push(this.#form.opening);
      this.#take(body.unread(), batch);
    }
    while (batch.length === 0 && !this.#ended) {
      const { done, value } = await body.next();
      if (done === true) this.#end(batch);
      else this.#take(value, batch);
    }
    return batch.length === 0 ? { done: true, value: undefined } : { done: false, value: batch };
  }

  async return(): Promise<IteratorResult<readonly RpcMessage[], undefined>> {
    this.#ended = true;
    await this.#bytes.body.return();
    return { done: true, value: undefined };
  }

  #take(chunks: readonly Buffer[], batch: RpcMessage[]): void {
    const { body } = this.#bytes;
    try {
      for (const chunk of chunks) this.#form.read(chunk, batch);
      if (batch.at(-1)?.kind === "end") {
        this.#ended = true;
        void body.settle(settleMs);
      } else if (body.over) this.#end(batch);
    } catch (thrown) {
      this.#bytes.stop(GatewayError.from(thrown));
      throw thrown;
    }
  }

  #end(batch: RpcMessage[]): void {
    this.#ended = true;
    this.#form.finish(batch);
  }
}

const codecOf = ({ method, encoding }: AnswerReading): RpcCodec =>
  new RpcCodec({ direction: "response", raw: method === undefined || encoding === undefined });

/** An answer that comes in a body. */
export const bodyAnswer = (bytes: AnswerBytes, form: AnswerForm, reading: AnswerReading): Answer<RpcMessage> => ({
  kind: "stream",
  head: { status: bytes.status, headers: {} },
  batches: new AnswerBatches(bytes, form),
  codec: codecOf(reading),
});

/** What says how a body is written. */
const bodyFraming: ReadonlySet<string> = new Set(["content-type", "content-encoding", "content-length"]);

/** The statuses that say our credential is at fault, which is none of the caller's business (ARCHITECTURE.md 1.5); redirects are never followed. */
const isOurs = (status: number): boolean => status === 401 || status === 403 || (status >= 300 && status < 400) || status < 200;

/**
 * An answer of HTTP's and not of the protocol's: its status goes on, from which clients tell a code (grpc/grpc `doc/http-grpc-status-mapping.md`; Connect
 * protocol, "HTTP to Error Code"), its body does not. Throws `upstream_invalid` for what is the gateway's own concern.
 */
export const statusAnswer = ({ status, rawHeaders, body }: AnswerBytes, reading: AnswerReading): Answer<RpcMessage> => {
  if (isOurs(status)) throw invalidAnswer(`the upstream answered ${status}`);
  body.cancel("the body of an error is not wanted");
  return endAnswer(status, { kind: "end", alone: status, metadata: passingMetadata(rawHeaders, bodyFraming) }, reading);
};

async function* only(end: RpcEnd): AsyncGenerator<readonly RpcMessage[]> {
  yield [end];
}

/** An answer that is nothing but its end. */
export const endAnswer = (status: number, end: RpcEnd, reading: AnswerReading): Answer<RpcMessage> => ({
  kind: "stream",
  head: { status, headers: {} },
  batches: only(end),
  codec: codecOf(reading),
});
