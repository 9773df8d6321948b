/** An error that stopped a call before the RPC library saw it, in the words of each of its protocols. */

import type { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { GatewayError } from "../envelope/error.ts";
import type { Refusal } from "../envelope/surface.ts";
import { connectError } from "./error.ts";

/** gRPC and gRPC-Web: headers alone, with the status of HTTP's success (grpc/grpc `PROTOCOL-HTTP2.md`, "Trailers-Only"). */
const trailersOnly = (error: ConnectError, session: string, mediaType: string): Refusal => {
  const headers = new Headers({ "weir-session": session });
  setTrailerStatus(headers, error);
  return { contentType: mediaType, body: "", status: 200, headers: Object.fromEntries(headers) };
};

/** The words for a client that sent `mediaType`; Connect's for any that is not gRPC's. */
export const inferenceRefusal = (error: GatewayError, session: string, mediaType?: string): Refusal => {
  const told = connectError(error, session);
  if (mediaType?.startsWith("application/grpc") === true) return trailersOnly(told, session, mediaType);
  return {
    contentType: "application/json",
    body: JSON.stringify(errorToJson(told, undefined)),
    status: codeToHttpStatus(told.code),
    headers: { "weir-session": session },
  };
};
