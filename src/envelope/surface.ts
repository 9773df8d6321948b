/** What the listener and the surfaces behind it say to each other: a request's head, read once, and how a surface words a refusal. */

import type { Call, SurfaceName } from "./call.ts";
import type { GatewayError, PendingApproval } from "./error.ts";
import { preferenceApplied } from "./preference.ts";

export type { Direction, SurfaceName } from "./call.ts";

/** A request's head as the listener read it: canonical, and the only reading of it that anybody uses. */
export interface Head
  extends Pick<Call, "id" | "receivedAt" | "method" | "remoteAddress" | "route" | "direction" | "credentials" | "prefersNotToWait"> {
  /** What follows `?` in the target, as it came; empty when nothing does. */
  readonly query: string;
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

/** Where callers ask what has become of their requests: an approval's id follows. */
export const approvalsRoot = "/.well-known/weir/approvals/";

/** What stands in an answer's head about an approval that the caller comes back for (RFC 9110 section 15.3.3, RFC 7240 section 3). */
const pendingHeaders = ({ id }: PendingApproval): Record<string, string> => ({
  location: `${approvalsRoot}${id}`,
  "preference-applied": preferenceApplied,
});

/** An approval as its caller reads of it, on every surface that answers in JSON: no client library has a form of its own for it. */
export const approvalBody = ({ id, expiresAt }: PendingApproval, status: string, reason: string | undefined): string =>
  JSON.stringify({ object: "approval", id, status, url: `${approvalsRoot}${id}`, expires_at: expiresAt.toISOString(), reason });

/** The answer to a call that waits for an approval without its caller. */
export const pendingAnswer = (pending: PendingApproval): Refusal => ({
  contentType: "application/json",
  body: approvalBody(pending, "pending", undefined),
});

/** Headers of every refusal: the session, and whether trying again makes sense (ARCHITECTURE.md 1.5; the OpenAI SDKs obey `x-should-retry`). */
export const refusalHeaders = (error: GatewayError, session: string): Record<string, string> => {
  const headers: Record<string, string> = { "x-request-id": session };
  if (!error.ruling.retry) headers["x-should-retry"] = "false";
  if (error.retryAfter !== undefined) headers["retry-after"] = String(Math.max(0, Math.ceil(error.retryAfter)));
  return error.pending === undefined ? headers : { ...headers, ...pendingHeaders(error.pending) };
};
