/** What gRPC and gRPC-Web say alike: deadlines, accepted codings, and the status of a stopped call. */

import { GatewayError, grpcCodes } from "../../src/envelope/error.ts";
import { soleHeader } from "../shared/headers.ts";
import type { Metadata } from "./message.ts";
import { headersOf } from "./metadata.ts";
import { readableOf } from "./wire/message-coding.ts";
import { encodeGrpcMessage } from "./wire/percent.ts";
import { statusDetails } from "./wire/status.ts";
import { formatGrpcTimeout, parseGrpcTimeout } from "./wire/timeout.ts";
import { WireFault } from "./wire/wire-fault.ts";

/** Metadata under which a caller finds its session (ARCHITECTURE.md 1.5). */
export const sessionName = "weir-session";

/** Milliseconds that `grpc-timeout` gives a call; undefined: it gives none. Throws `request_invalid` for what is no timeout. */
export const readGrpcTimeout = (rawHeaders: readonly string[]): number | undefined => {
  const value = soleHeader(rawHeaders, "grpc-timeout");
  if (value === undefined) return undefined;
  const within = parseGrpcTimeout(value);
  if (within === undefined) throw new GatewayError("request_invalid", "The metadata grpc-timeout is not valid.");
  return within;
};

/** The headers of a request upstream: its metadata, the codings that may answer it, the time that is left. `reads`: the answer's messages will be read. */
export const grpcOrderHeaders = (
  metadata: Metadata,
  rawHeaders: readonly string[],
  { reads, within }: { readonly reads: boolean; readonly within: number | undefined },
): Record<string, string | string[]> => {
  const headers = headersOf(metadata);
  const accepted = soleHeader(rawHeaders, "grpc-accept-encoding");
  if (accepted !== undefined) headers["grpc-accept-encoding"] = reads ? readableOf(accepted) : accepted;
  if (within !== undefined) headers["grpc-timeout"] = formatGrpcTimeout(within);
  return headers;
};

const details = (error: GatewayError, session: string): Metadata => [
  "grpc-status-details-bin",
  Buffer.from(statusDetails(error, session)).toString("base64").replace(/=+$/, ""),
];

/** The status of a stopped call, as metadata. Base64 goes without padding, as gRPC writes it. */
export const statusMetadata = (error: GatewayError, session: string): Metadata => {
  const isFault = error instanceof WireFault;
  const code = isFault ? error.code : error.ruling.grpc;
  const status = ["grpc-status", String(grpcCodes[code]), "grpc-message", encodeGrpcMessage(error.message)];
  return isFault ? status : [...status, ...details(error, session)];
};
