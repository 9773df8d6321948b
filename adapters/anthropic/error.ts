/** Refusals as the Anthropic SDKs read them. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Refusal } from "../../src/envelope/surface.ts";

/** The API's `error.type` for a ruling: its own words, of the status that it gives them where it can. */
const errorType = ({ ruling, reason }: GatewayError): string => {
  if (ruling.fault !== "caller") return ruling.grpc === "deadline_exceeded" ? "timeout_error" : "api_error";
  switch (ruling.grpc) {
    case "unauthenticated":
      return "authentication_error";
    case "permission_denied":
      return "permission_error";
    case "not_found":
      return "not_found_error";
    case "resource_exhausted":
      if (ruling.retry) return "rate_limit_error";
      return reason === "request_too_large" ? "request_too_large" : "invalid_request_error";
    case "canceled":
    case "invalid_argument":
    case "deadline_exceeded":
    case "unimplemented":
    case "internal":
    case "unavailable":
      return "invalid_request_error";
  }
};

/** What the API calls a request that cannot be part of a message thread; the SDKs then go on without one. */
const noThread = { error_code: "thread_unsupported_request", unsupported: ["thread"] };

/** What stands where the SDKs look for stable codes: the reason, or the API's own code for it. */
const detailsOf = ({ reason, param }: GatewayError): object =>
  reason === "operation_unsupported" && param === "thread" ? noThread : { error_code: reason };

/** Where the SDKs look for a call's id. */
export const sessionHeader = (session: string): Readonly<Record<string, string>> => ({ "request-id": session });

const errorJson = (error: GatewayError, session: string): string =>
  JSON.stringify({
    type: "error",
    error: { type: errorType(error), message: error.message, details: detailsOf(error) },
    request_id: session,
  });

/** The body of a refusal (ARCHITECTURE.md 1.5). */
export const anthropicRefusal = (error: GatewayError, session: string): Refusal => ({
  contentType: "application/json",
  headers: sessionHeader(session),
  body: errorJson(error, session),
});

/** The event that ends a stream which has begun; the SDKs throw it. */
export const anthropicErrorEvent = (error: GatewayError, session: string): string => `event: error\ndata: ${errorJson(error, session)}\n\n`;
