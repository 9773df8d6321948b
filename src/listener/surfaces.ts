/** The surfaces behind the port, as Node's servers feed them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import type { StreamSurface, Surface } from "../envelope/surface.ts";

/** A surface that takes Node's request and response objects, whichever HTTP version they came by. */
export type HttpSurface = Surface<IncomingMessage | Http2ServerRequest, ServerResponse | Http2ServerResponse>;

/**
 * A surface that also takes bare HTTP/2 streams. It gets the gRPC calls so (`application/grpc`, `application/grpc+*`) that come over HTTP/2;
 * everything else, a gRPC call over HTTP/1.1 too, comes to {@link HttpSurface.handle}.
 */
export type RpcSurface = HttpSurface & StreamSurface<ServerHttp2Stream>;

/** What may stand behind the port; {@link RpcSurface} is told by its `handleStream`. */
export type AnySurface = HttpSurface | RpcSurface;
