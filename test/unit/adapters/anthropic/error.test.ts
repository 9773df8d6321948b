import { APIError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { anthropicErrorEvent, anthropicRefusal } from "../../../../adapters/anthropic/error.ts";
import { GatewayError, type Reason, rulings } from "../../../../src/envelope/error.ts";

const reasons = Object.keys(rulings).filter((reason): reason is Reason => reason in rulings);

/** The words that the API has for errors. */
const types = [
  "invalid_request_error",
  "authentication_error",
  "permission_error",
  "not_found_error",
  "request_too_large",
  "rate_limit_error",
  "timeout_error",
  "api_error",
];

/** An error as the official SDK makes it of an answer. */
const read = (error: GatewayError): APIError => {
  const { body, headers = {} } = anthropicRefusal(error, "session-1");
  return APIError.generate(error.ruling.http, JSON.parse(body), undefined, new Headers(headers));
};

describe("a refusal", () => {
  it.each(reasons)("for %s is one of the API's own errors, with the reason as its code", (reason) => {
    const error = new GatewayError(reason, undefined, { cause: new Error("a cause"), note: "a note" });
    const thrown = read(error);
    expect(types).toContain(thrown.type);
    expect(thrown).toMatchObject({ status: error.ruling.http, errorCode: reason, apiMessage: error.message, requestID: "session-1" });
    expect(thrown.message).not.toMatch(/a cause|a note/);
  });

  it.each([
    ["credential_invalid", "authentication_error"],
    ["prompt_blocked", "permission_error"],
    ["target_unknown", "not_found_error"],
    ["quota_exceeded", "rate_limit_error"],
    ["request_too_large", "request_too_large"],
    ["upstream_timeout", "timeout_error"],
    ["masking_failed", "api_error"],
  ] as const)("for %s is a %s", (reason, type) => {
    expect(read(new GatewayError(reason)).type).toBe(type);
  });

  it("in a stream is an event that the SDKs throw", () => {
    const event = anthropicErrorEvent(new GatewayError("upstream_unavailable"), "session-1");
    expect(event).toMatch(/^event: error\ndata: \{"type":"error",.*\}\n\n$/);
  });

  it("of a thread is what makes the SDKs go on without one", () => {
    const error = new GatewayError("operation_unsupported", undefined, { param: "thread" });
    expect(read(error).details).toEqual({ error_code: "thread_unsupported_request", unsupported: ["thread"] });
  });
});
