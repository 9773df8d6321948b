/** What Connect's streams and unary calls say alike: deadlines, accepted codings, and how a stopped call is told. */

import { GatewayError } from "../../src/envelope/error.ts";
import { soleHeader } from "../shared/headers.ts";
import type { HttpHeaders, Ordering } from "./dialect.ts";
import type { Metadata } from "./message.ts";
import { headersOf } from "./metadata.ts";
import type { ConnectFailure } from "./wire/connect-failure.ts";
import { readableOf } from "./wire/message-coding.ts";
import { errorInfo, errorInfoType } from "./wire/status.ts";
import { WireFault } from "./wire/wire-fault.ts";

const timeoutName = "connect-timeout-ms";

/** Connect protocol, "Timeout": a positive whole number of at most ten digits. */
const timeout = /^\d{1,10}$/;

/** Milliseconds that the caller gave the call; undefined: it gave none. Throws `request_invalid` for what is no timeout. */
export const readConnectTimeout = (rawHeaders: readonly string[]): number | undefined => {
  const value = soleHeader(rawHeaders, timeoutName);
  if (value === undefined) return undefined;
  if (!timeout.test(value)) throw new GatewayError("request_invalid", "The header connect-timeout-ms is not valid.");
  return Number(value);
};

export interface ConnectOrdering extends Ordering {
  readonly rawHeaders: readonly string[];
  /** The header that names the codings which may answer: one of the protocol's for streams, HTTP's own for unary calls. */
  readonly accepting: "connect-accept-encoding" | "accept-encoding";
}

/** The headers of a request upstream: its metadata, the codings that may answer it, the time that is left. */
export const connectOrderHeaders = (metadata: Metadata, { rawHeaders, accepting, reads, within }: ConnectOrdering): HttpHeaders => {
  const headers = headersOf(metadata);
  const accepted = soleHeader(rawHeaders, accepting);
  if (accepted !== undefined) headers[accepting] = reads ? readableOf(accepted) : accepted;
  if (within !== undefined) headers[timeoutName] = String(Math.max(1, Math.floor(within)));
  return headers;
};

/** A stopped call as Connect tells it: the code's name is gRPC's, the detail the same `ErrorInfo`. */
export const failureOf = (error: GatewayError, session: string): ConnectFailure => {
  const { message } = error;
  if (error instanceof WireFault) return { code: error.code, message, details: [] };
  const value = Buffer.from(errorInfo(error, session)).toString("base64").replace(/=+$/, "");
  return { code: error.ruling.grpc, message, details: [{ type: errorInfoType, value }] };
};
