/** What the listener and the surfaces behind it say to each other: a request's head, read once, and how a surface words a refusal. */

import type { Call, PresentedCredential, RouteHints } from "./call.ts";
import type { GatewayError } from "./error.ts";

/** A request's head as the listener read it: canonical, and the only reading of it that anybody uses. */
export interface Head extends Pick<Call, "id" | "receivedAt" | "method" | "remoteAddress"> {
  readonly route: RouteHints;
  /** What follows `?` in the target, as it came; empty when nothing does. */
  readonly query: string;
  readonly credentials: readonly PresentedCredential[];
}

/** An error as a surface's clients parse it. */
export interface Refusal {
  readonly contentType: string;
  readonly body: string;
}

/** One well-known API that callers may speak. `Request` and `Response` are the server's own objects, which the envelope does not name. */
export interface Surface<Request, Response> {
  readonly name: NonNullable<RouteHints["shape"]> | "rest";
  /** Answers the request, whatever happens; never throws. */
  handle(head: Head, request: Request, response: Response): void;
  /** The words in which this surface's clients read an error that stopped a call before its answer began. */
  refusal(error: GatewayError, session: string): Refusal;
}

/** Headers of every refusal: the session, and whether trying again makes sense (ARCHITECTURE.md 1.5; the OpenAI SDKs obey `x-should-retry`). */
export const refusalHeaders = (error: GatewayError, session: string): Record<string, string> => {
  const headers: Record<string, string> = { "x-request-id": session };
  if (!error.ruling.retry) headers["x-should-retry"] = "false";
  if (error.retryAfter !== undefined) headers["retry-after"] = String(Math.max(0, Math.ceil(error.retryAfter)));
  return headers;
};
