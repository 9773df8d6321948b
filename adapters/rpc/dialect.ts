/** What the protocols that stand on plain HTTP have in common: gRPC-Web, the streams of Connect, and Connect's unary calls. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, Incoming } from "../../src/envelope/exchange.ts";
import type { UpstreamBody } from "../shared/upstream-body.ts";
import type { AnswerBytes, AnswerReading } from "./answer.ts";
import type { RpcLimits } from "./call.ts";
import type { RpcEnd, RpcMessage, RpcOpening, RpcPart } from "./message.ts";
import type { MessageEncoding, MethodMessages } from "./messages/index.ts";

export type HttpHeaders = Record<string, string | string[]>;

/** A request as it goes upstream, without its body. */
export interface HttpOrder {
  readonly method: "GET" | "POST";
  /** What follows `?`; empty when nothing does. */
  readonly query: string;
  readonly headers: HttpHeaders;
}

/** A whole answer, or the end of one: head and body as far as they are to be written. */
export interface HttpWords {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: Buffer | string;
}

/** What a request is read with. */
export interface RequestReading {
  readonly body: UpstreamBody;
  readonly method: MethodMessages | undefined;
  readonly limits: RpcLimits;
}

/** How a request is ordered upstream. */
export interface Ordering {
  /** Whether the answer's messages will be read: then only codings that the gateway knows are asked for. */
  readonly reads: boolean;
  /** Milliseconds until the caller's deadline; undefined: it gave none. */
  readonly within: number | undefined;
}

/** Turns bytes into those of a text mode, and tells the last ones. */
export interface BodyEncoder {
  push(bytes: Buffer): Buffer;
  end(): Buffer | undefined;
}

/** How a stopped call is told to its caller. */
export interface RefusalWords {
  /** An answer that says why the call was stopped before it began. */
  refusal(error: GatewayError, session: string): HttpWords;
  /** The last words of an answer that has begun; undefined: there is no place for any, so it breaks off. */
  lastWords(error: GatewayError, session: string): Buffer | string | undefined;
}

/** One call's protocol: how it reads and writes both sides of the call. */
export interface Dialect extends RefusalWords {
  readonly encoding: MessageEncoding | undefined;
  /** The coding of the request's compressed messages; undefined: none is named. */
  readonly coding: string | undefined;
  /** Milliseconds that the caller gave the call; undefined: it gave none. */
  readonly within: number | undefined;
  /** Undoes a text mode of the request's body; absent: there is none. */
  readonly decode?: ((chunk: Buffer) => Buffer) | undefined;
  read(reading: RequestReading): Promise<Incoming<RpcMessage>>;
  order(opening: RpcOpening, ordering: Ordering): HttpOrder;
  /** Puts a text mode on the body that goes upstream; absent: there is none. */
  encoder?(): BodyEncoder;
  answer(bytes: AnswerBytes, reading: AnswerReading): Promise<Answer<RpcMessage>>;
  /** The head of an answer that has a body. */
  head(opening: RpcOpening): Omit<HttpWords, "body">;
  /** Messages as they stand in the answer's body. */
  part(part: RpcPart): Buffer | string;
  /** The end of an answer: of one that has begun what remains of its body. */
  end(end: RpcEnd): HttpWords;
}
