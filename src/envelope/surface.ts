/** What the listener and the surfaces behind it say to each other: a request's head, read once, and how a surface words a refusal. */

import type { Call, PathOperation, PresentedCredential, RouteHints } from "./call.ts";
import type { GatewayError } from "./error.ts";

/** The adapters that callers speak with: `rpc` is gRPC, gRPC-Web and Connect. */
export type SurfaceName = "openai" | "anthropic" | "rest" | "rpc" | "inference";

/** Where a head leads as far as configuration tells, before anybody knows who calls: it chooses the surface; the connection is chosen by the core. */
export interface Direction {
  readonly surface: SurfaceName;
  /** The path as the API behind it has it: canonical, the route's prefix taken off. */
  readonly path: string;
  /** How the connection meant names operations by path. */
  readonly operations: readonly PathOperation[];
}

/** A request's head as the listener read it: canonical, and the only reading of it that anybody uses. */
export interface Head extends Pick<Call, "id" | "receivedAt" | "method" | "remoteAddress"> {
  readonly route: RouteHints;
  readonly direction: Direction;
  /** What follows `?` in the target, as it came; empty when nothing does. */
  readonly query: string;
  readonly credentials: readonly PresentedCredential[];
}

/** An error as a surface's clients parse it. */
export interface Refusal {
  readonly contentType: string;
  readonly body: string;
  /** Where the protocol fixes another status than the error's ruling: gRPC answers 200, Connect by its own code. */
  readonly status?: number;
  /** What stands in the answer's head besides {@link refusalHeaders}: `grpc-status` and its like. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One well-known API that callers may speak. `Request` and `Response` are the server's own objects, which the envelope does not name. */
export interface Surface<Request, Response> {
  readonly name: SurfaceName;
  /** Answers the request, whatever happens; never throws. */
  handle(head: Head, request: Request, response: Response): void;
  /**
   * The words in which this surface's clients read an error that stopped a call before its answer began. `mediaType` is the request's, lower case and
   * without parameters, and undefined where it has none: surfaces of several protocols tell them apart by it.
   */
  refusal(error: GatewayError, session: string, mediaType?: string): Refusal;
}

/**
 * A surface that takes some of its calls as bare HTTP/2 streams, because its protocol lives in frames and trailers: gRPC. `Stream` is the server's own
 * object. INVARIANT: nobody else listens to a stream handed over so.
 */
export interface StreamSurface<Stream> {
  readonly name: SurfaceName;
  /** Answers the call, whatever happens; never throws. `rawHeaders` are names and values in turn as they came, pseudo-headers among them. */
  handleStream(head: Head, stream: Stream, rawHeaders: readonly string[]): void;
}

/** Headers of every refusal: the session, and whether trying again makes sense (ARCHITECTURE.md 1.5; the OpenAI SDKs obey `x-should-retry`). */
export const refusalHeaders = (error: GatewayError, session: string): Record<string, string> => {
  const headers: Record<string, string> = { "x-request-id": session };
  if (!error.ruling.retry) headers["x-should-retry"] = "false";
  if (error.retryAfter !== undefined) headers["retry-after"] = String(Math.max(0, Math.ceil(error.retryAfter)));
  return headers;
};
