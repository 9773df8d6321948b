/** Refusals as the OpenAI SDKs read them. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Refusal } from "../../src/envelope/surface.ts";

/** OpenAI's `error.type` for a ruling: its own words where it has them. */
const errorType = ({ ruling }: GatewayError): string => {
  if (ruling.fault !== "caller") return "server_error";
  switch (ruling.grpc) {
    case "unauthenticated":
      return "authentication_error";
    case "permission_denied":
      return "permission_error";
    case "resource_exhausted":
      return ruling.retry ? "rate_limit_error" : "invalid_request_error";
    case "canceled":
    case "invalid_argument":
    case "deadline_exceeded":
    case "not_found":
    case "unimplemented":
    case "internal":
    case "unavailable":
      return "invalid_request_error";
  }
};

const errorJson = (error: GatewayError): string =>
  JSON.stringify({ error: { message: error.message, type: errorType(error), param: error.param ?? null, code: error.reason } });

/** The body of a refusal: all four keys, `code` is the reason (ARCHITECTURE.md 1.5). */
export const openaiRefusal = (error: GatewayError): Refusal => ({ contentType: "application/json", body: errorJson(error) });

/** The event that ends a stream which has begun. The SDKs take a clean end without `[DONE]` for success, so silence is never an option. */
export const openaiErrorEvent = (error: GatewayError): string => `data: ${errorJson(error)}\n\n`;
