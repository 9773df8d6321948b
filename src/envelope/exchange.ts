/** One call between an adapter and the core: what the core may ask of an adapter, and what it hands back. */

import type { Call, Connection } from "./call.ts";
import type { StreamCodec, TextCodec } from "./message.ts";

/** Messages arrive in batches: what one read of a socket brought. Batches are never empty. */
export type Batches<M> = AsyncIterable<readonly M[]>;

/** The messages of a request stream that follow its first one. */
export interface MoreMessages<Q> {
  readonly batches: Batches<Q>;
  readonly codec: StreamCodec<Q>;
}

/** An object that an upstream keeps for a caller: a stored response, a file. */
export interface StoredObject {
  /** What it is, in the API's words: `response`, `file`. */
  readonly kind: string;
  readonly id: string;
}

/** Whose objects are whose, as the caller of one call sees it. */
export interface CallersObjects {
  /** Those of these objects that are the caller's. */
  mine(objects: readonly StoredObject[]): Promise<readonly StoredObject[]>;
  /** Records that the upstream keeps these for the caller; what is somebody's already stays theirs. Rejects with `recording_failed`. */
  claim(objects: readonly StoredObject[]): Promise<void>;
}

/**
 * A request that has been read and parsed: whole, or the first message of a stream. `Q` is the adapter's own form of it.
 *
 * INVARIANT: no member is optional. Rules are about these facts, so that an adapter which forgets one must not compile.
 */
export interface Incoming<Q> {
  /** The request; of a stream, what opens it: its metadata, with the first message where the method needs one before it can answer. */
  readonly message: Q;
  readonly codec: TextCodec<Q>;
  /** What follows `message` where the caller streams; undefined: the request is whole. */
  readonly more: MoreMessages<Q> | undefined;
  /** The model asked for, or undefined where the operation has none (`models.list`). */
  readonly model: string | undefined;
  /** The largest number of output tokens the caller asked for, times the number of choices; undefined: unlimited. */
  readonly maxOutputTokens: number | undefined;
  /** Features of the request that need their exact name in a policy (`mcp`, `web_search`, `file_url` …). */
  readonly features: readonly string[];
  /** The names of the tools that the request offers to the model for the caller's own use; none where the protocol has none. */
  readonly tools: readonly string[];
  /**
   * What makes this request the one it is, piece by piece: method, path and query, the headers that change its meaning, its exact bytes. A person's yes is bound
   * to it. Undefined: a call that needs one is refused. Of a stream: what opens it.
   */
  readonly exact: (() => readonly (string | Uint8Array)[]) | undefined;
  /** What somebody who reads the texts does not see, in words: `an image`, `the stored conversation`. */
  readonly unseen: readonly string[];
  /** Objects kept by the upstream that the request names: unless all of them are the caller's, the call is answered as if they did not exist. */
  readonly refers: readonly StoredObject[];
  /** The operation concerns every connection the caller may use, and the answers are merged (`models.list`). */
  readonly everyConnection: boolean;
}

/** What the core lets out of the gateway: the (possibly rewritten) request and where it may go. */
export interface Order<Q> {
  readonly message: Q;
  /**
   * What follows, inspected, masked and recorded message by message as it is pulled; given where {@link Incoming.more} was. It throws the GatewayError that stops
   * the call (`prompt_blocked` …): the adapter then cancels the upstream's call and ends the answer with that very error. An adapter that no longer
   * wants it calls `return` on its iterator.
   */
  readonly more: Batches<Q> | undefined;
  /** More than one only where {@link Incoming.everyConnection}. */
  readonly connections: readonly [Connection, ...Connection[]];
  /** Whether the caller may use a model on a connection: filters lists of models. */
  readonly mayUse: (connection: Connection, model: string) => boolean;
  /** The most tokens that the whole answer may have, all choices together: the request asks for no more, where its API has a field for it. undefined: no limit. */
  readonly outputTokens: number | undefined;
  /** Whether the answer's text will be masked for the caller: codecs then drop what repeats text as numbers. */
  readonly masked: boolean;
}

/** An upstream's answer, its headers already reduced to those that may pass. An upstream's error body is an answer like any other. */
export interface AnswerHead {
  readonly status: number;
  /** Lower-case names; framing headers are not among them. */
  readonly headers: Readonly<Record<string, string>>;
}

export type Answer<A> =
  | { readonly kind: "message"; readonly head: AnswerHead; readonly message: A; readonly codec: TextCodec<A> }
  | { readonly kind: "stream"; readonly head: AnswerHead; readonly batches: Batches<A>; readonly codec: StreamCodec<A> };

/**
 * One call, as an adapter offers it to the core.
 *
 * `read` may be called once; it rejects with a GatewayError (`request_invalid`, `request_too_large` …). `forward` sends the order
 * upstream with the connection's own credential and never the caller's; it rejects with `upstream_*` errors. Where upstreams keep objects, it claims
 * what an answer says is kept now before the caller learns of it, and cuts lists to what is the caller's.
 */
export interface Exchange<Q, A> {
  readonly call: Call;
  read(): Promise<Incoming<Q>>;
  /** Told once, with the request, when the call begins to wait for a person: the surface may then keep its caller's connection alive (ARCHITECTURE.md 1.5). */
  held?(message: Q): void;
  forward(order: Order<Q>, objects: CallersObjects): Promise<Answer<A>>;
}

declare const servedBrand: unique symbol;

/** A masked, recorded answer: the only thing a client writer takes. Made only in `enforcement/`. */
export type Served<A> = (
  | { readonly kind: "message"; readonly head: AnswerHead; readonly message: A }
  | { readonly kind: "stream"; readonly head: AnswerHead; readonly batches: Batches<A> }
) & { readonly [servedBrand]: true };

/** The core as adapters see it: takes an exchange through every stage. Rejects, or its stream throws, with a GatewayError. */
export type Serve = <Q, A>(exchange: Exchange<Q, A>) => Promise<Served<A>>;
