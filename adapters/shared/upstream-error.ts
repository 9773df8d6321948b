/** What undici's and the system's errors mean for a call. */

import { errors } from "undici";
import { GatewayError } from "../../src/envelope/error.ts";

/** An upstream took too long to be connected to. */
export class DialTimeout extends Error {
  constructor() {
    super("the upstream could not be connected to in time");
    this.name = "DialTimeout";
  }
}

const isTimeout = (thrown: unknown): boolean =>
  thrown instanceof DialTimeout ||
  thrown instanceof errors.ConnectTimeoutError ||
  thrown instanceof errors.HeadersTimeoutError ||
  thrown instanceof errors.BodyTimeoutError;

const isNonsense = (thrown: unknown): boolean =>
  thrown instanceof errors.HTTPParserError ||
  thrown instanceof errors.ResponseContentLengthMismatchError ||
  thrown instanceof errors.HeadersOverflowError ||
  thrown instanceof errors.ResponseExceededMaxSizeError;

/** What the network forbids a dial with bears this code, as the system's errors bear theirs. */
const isForbidden = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "EGRESS_FORBIDDEN";

/** The GatewayError for whatever went wrong with an upstream: `upstream_timeout`, `upstream_invalid`, else `upstream_unavailable`. */
export const upstreamError = (thrown: unknown): GatewayError => {
  if (thrown instanceof GatewayError) return thrown;
  if (isTimeout(thrown)) return new GatewayError("upstream_timeout", undefined, { cause: thrown });
  if (isNonsense(thrown)) return new GatewayError("upstream_invalid", undefined, { cause: thrown });
  const note = isForbidden(thrown) ? { note: "egress forbids the upstream's address" } : {};
  return new GatewayError("upstream_unavailable", undefined, { cause: thrown, ...note });
};
