/** A request as the listener handles it, whichever version of HTTP brought it: it can be answered in a few words, or handed to a surface. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Http2ServerRequest, Http2ServerResponse, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Head } from "../envelope/surface.ts";
import type { Peer, RawHead } from "./head.ts";
import type { AnySurface } from "./surfaces.ts";

/** A whole answer of a few words. */
export interface SmallAnswer {
  readonly status: number;
  /** Lower-case names, without framing. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Arrival extends RawHead {
  answer(answer: SmallAnswer): void;
  /** Gives the request away: nothing else may be done with it here, except where the surface has thrown. */
  hand(surface: AnySurface, head: Head, mediaType: string | undefined): void;
}

export class Http1Arrival implements Arrival {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly peer: Peer;

  constructor(request: IncomingMessage, response: ServerResponse, peer: Peer) {
    this.#request = request;
    this.#response = response;
    this.peer = peer;
  }

  get method(): string {
    return this.#request.method ?? "";
  }

  get target(): string {
    return this.#request.url ?? "";
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  answer({ status, headers, body }: SmallAnswer): void {
    this.#response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  }

  hand(surface: AnySurface, head: Head): void {
    surface.handle(head, this.#request, this.#response);
  }
}

/** gRPC proper (grpc/grpc `doc/PROTOCOL-HTTP2.md`); gRPC-Web has another name. */
const grpcMediaType = /^application\/grpc(?:\+|$)/;

/** What Node's server tells of a stream. */
export interface OpenedStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
}

export class Http2Arrival implements Arrival {
  readonly #opened: OpenedStream;
  readonly peer: Peer;

  constructor(opened: OpenedStream, peer: Peer) {
    this.#opened = opened;
    this.peer = peer;
  }

  get method(): string {
    return this.#opened.headers[":method"] ?? "";
  }

  get target(): string {
    return this.#opened.headers[":path"] ?? "";
  }

  get rawHeaders(): readonly string[] {
    return this.#opened.rawHeaders;
  }

  answer({ status, headers, body }: SmallAnswer): void {
    const { stream } = this.#opened;
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    const head = { ...headers, ":status": status };
    if (body === "") stream.respond(head, { endStream: true });
    else {
      stream.respond({ ...head, "content-length": Buffer.byteLength(body) });
      stream.end(body);
    }
  }

  hand(surface: AnySurface, head: Head, mediaType: string | undefined): void {
    const { stream, headers, rawHeaders } = this.#opened;
    if ("handleStream" in surface && mediaType !== undefined && grpcMediaType.test(mediaType)) {
      surface.handleStream(head, stream, rawHeaders);
      return;
    }
    const request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
    surface.handle(head, request, new Http2ServerResponse(stream));
  }
}
