/** One call on an HTTP/2 connection to an upstream. */

import { type ClientHttp2Stream, constants, type IncomingHttpStatusHeader } from "node:http2";
import type { Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { GatewayError } from "../../src/envelope/error.ts";
import { type BodySource, UpstreamBody } from "./upstream-body.ts";

/** The head of an answer. */
export interface Http2Head {
  readonly status: number;
  /** Names and values in turn as they came, pseudo-headers among them. */
  readonly rawHeaders: readonly string[];
  /** Nothing follows: neither a body nor trailers. */
  readonly last: boolean;
}

/** Milliseconds: for the whole call, until its answer begins once nothing more is sent, and of silence in both directions after that. */
export interface CallLimits {
  readonly total: number;
  readonly firstByte: number;
  readonly idle: number;
}

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** What a stream's end by RST_STREAM means (RFC 9113 section 7, gRPC over HTTP2 "HTTP2 Transport Mapping: Errors"). */
const resetError = (code: number | undefined): GatewayError => {
  const note = `the upstream reset the call with HTTP/2 code ${code ?? NGHTTP2_NO_ERROR}`;
  if (code === NGHTTP2_CANCEL) return new GatewayError("cancelled", "The model cancelled the call.", { note });
  const busy = code === NGHTTP2_REFUSED_STREAM || code === NGHTTP2_ENHANCE_YOUR_CALM;
  return new GatewayError(busy ? "upstream_unavailable" : "upstream_invalid", undefined, { note });
};

/** States: sending, its answer awaited → answering → over. What stops it is told by {@link head} before the answer's beginning, and by {@link body} after. */
export class Http2Call implements BodySource {
  /** Rejects with `upstream_*` or `cancelled`. */
  readonly head: Promise<Http2Head>;
  readonly body = new UpstreamBody(this);
  /** Names and values in turn; known once the body has come to its end. */
  trailers: readonly string[] = [];
  readonly #stream: ClientHttp2Stream;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #stopped: GatewayError | undefined;
  #over = false;
  #answered: ((head: Http2Head) => void) | undefined;
  #refused: ((error: GatewayError) => void) | undefined;

  constructor(stream: ClientHttp2Stream, socket: Socket) {
    this.#stream = stream;
    this.#socket = socket;
    this.head = new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#refused = reject;
    });
    // Whoever began the call may be stopped before asking for the head.
    this.head.catch(() => {});
    stream.on("response", (headers: IncomingHttpStatusHeader, flags: number, rawHeaders: readonly string[]) => {
      const last = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
      this.#answered?.({ status: headers[":status"] ?? 0, rawHeaders, last });
      this.#refused = undefined;
    });
    stream.on("data", (chunk: Buffer) => {
      if (!this.body.push(chunk)) stream.pause();
    });
    stream.on("trailers", (_trailers, _flags: number, rawTrailers: readonly string[]) => {
      this.trailers = rawTrailers;
    });
    stream.on("end", () => this.#ended());
    // What the error was about is told by the code that the stream closes with.
    stream.on("error", () => {});
    stream.on("close", () => this.#closed());
  }

  limit({ total, firstByte, idle }: CallLimits): void {
    const late = (): void => this.stop(new GatewayError("upstream_timeout"));
    this.#timer = setTimeout(late, total);
    this.#stream.setTimeout(firstByte, late);
    if (idle !== firstByte) this.#stream.once("response", () => this.#stream.setTimeout(idle));
  }

  /** Sends bytes; false when no more should be sent before {@link drained}. */
  write(bytes: Uint8Array): boolean {
    return this.#stream.writable ? this.#stream.write(bytes) : true;
  }

  /** Sends the last bytes, if any, and says that nothing follows. */
  end(bytes?: Uint8Array): void {
    if (!this.#stream.writable) return;
    if (bytes === undefined) this.#stream.end();
    else this.#stream.end(bytes);
  }

  /** Resolves once the upstream takes more, or the call is over. */
  drained(): Promise<void> {
    if (this.#over || !this.#stream.writable) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#stream.off("drain", settle).off("close", settle);
        resolve();
      };
      this.#stream.on("drain", settle).on("close", settle);
    });
  }

  /** Whether the upstream has refused the call without having looked at it, so that it may be made again (RFC 9113 section 8.7). */
  get refused(): boolean {
    return this.#stopped === undefined && this.#refused !== undefined && this.#stream.rstCode === NGHTTP2_REFUSED_STREAM;
  }

  /** Whether the upstream has said its last word. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends the call now, wherever it is, with what its reader shall hear. */
  stop(error: GatewayError): void {
    if (this.#over) return;
    this.#stopped ??= error;
    this.#cancel();
    this.#finish(this.#stopped);
  }

  /** {@link BodySource}: the reader has room again. */
  resume(): void {
    this.#stream.resume();
  }

  /** {@link BodySource}: nobody reads on. */
  abort(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#cancel();
  }

  /**
   * RST_STREAM(CANCEL). Where the request is not whole the stream is destroyed, because Node's `close` would end it first: to the upstream a request that
   * broke off would look whole. An abort is the only error that Node sends as CANCEL.
   */
  #cancel(): void {
    if (this.#stream.writableEnded) this.#stream.close(NGHTTP2_CANCEL);
    else addAbortSignal(AbortSignal.abort(), this.#stream);
  }

  #ended(): void {
    // Node ends what it reads from a stream that was reset, too; and an answer without a head is none.
    if (this.#stream.rstCode !== NGHTTP2_NO_ERROR || this.#refused !== undefined) {
      this.#closed();
      return;
    }
    // An upstream that answered before it had read everything: what is left to send is of no use (RFC 9113 section 8.1).
    if (!this.#stream.writableEnded) this.#stream.close(NGHTTP2_NO_ERROR);
    this.#over = true;
    clearTimeout(this.#timer);
    this.body.end();
  }

  #closed(): void {
    if (this.#over) return;
    const lost = this.#socket.destroyed;
    this.#finish(this.#stopped ?? (lost ? new GatewayError("upstream_unavailable") : resetError(this.#stream.rstCode)));
  }

  #finish(error: GatewayError): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#refused?.(error);
    this.body.fail(error);
  }
}
