/** One message of a call, in either direction, as this adapter sees it. */

import type { Payload } from "./payload.ts";
import type { ConnectFailure } from "./wire/connect-failure.ts";

/** Names (lower case) and values in turn, as they stand on the wire. */
export type Metadata = readonly string[];

/** Bytes of messages that nobody looks into: what one read brought, wherever frames begin and end in it. */
export interface RawBytes {
  readonly kind: "raw";
  readonly bytes: Buffer;
}

/** What a call's messages are made of. */
export type RpcPart = RawBytes | Payload;

/** The metadata that a direction begins with; of a request with what must be known of it before it can be routed: all of it, or nothing. */
export interface RpcOpening {
  readonly kind: "opening";
  /** The HTTP status of an answer. */
  readonly status: number;
  readonly metadata: Metadata;
  readonly parts: readonly RpcPart[];
}

/** The last message has passed and generation was not cut: lanes that run over the stream are complete. Nothing of it stands on the wire. */
export interface RpcMark {
  readonly kind: "mark";
}

/** The end of an answer, with its status and trailers. */
export interface RpcEnd {
  readonly kind: "end";
  /** The HTTP status where this is the whole answer (trailers-only); undefined behind an opening. */
  readonly alone: number | undefined;
  readonly metadata: Metadata;
  /** What went wrong, where the protocol says it apart from metadata (Connect). */
  readonly failure?: ConnectFailure | undefined;
  /** The bytes that said so, passed on as they came while nothing of it changes. */
  readonly original?: Buffer | undefined;
}

export type RpcMessage = RpcOpening | RpcPart | RpcMark | RpcEnd;
