/** A stopped call as Connect, gRPC and gRPC-Web tell it (ARCHITECTURE.md 1.5). */

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type Code, ConnectError } from "@connectrpc/connect";
import { GatewayError, grpcCodes, type Reason } from "../envelope/error.ts";

/** `ErrorInfo.domain` of everything that the gateway says (google/rpc/error_details.proto). */
const errorDomain = "weir";

/** Length-delimited, of the protobuf wire format. */
const delimited = 2;

const mapEntry = (key: string, value: string): Uint8Array =>
  new BinaryWriter().tag(1, delimited).string(key).tag(2, delimited).string(value).finish();

/** A serialised `google.rpc.ErrorInfo`: the reason, and the session under which the record tells more. */
const errorInfo = (reason: Reason, session: string): Uint8Array =>
  new BinaryWriter()
    .tag(1, delimited)
    .string(reason)
    .tag(2, delimited)
    .string(errorDomain)
    .tag(3, delimited)
    .bytes(mapEntry("session", session))
    .finish();

/** Any thrown value as a ConnectError; what is one already goes on as it is. */
export const connectError = (thrown: unknown, session: string): ConnectError => {
  if (thrown instanceof ConnectError) return thrown;
  const error = GatewayError.from(thrown);
  const code: Code = grpcCodes[error.ruling.grpc];
  const told = new ConnectError(error.message, code);
  told.details.push({ type: "google.rpc.ErrorInfo", value: errorInfo(error.reason, session) });
  if (!error.ruling.retry) told.metadata.set("x-should-retry", "false");
  if (error.retryAfter !== undefined) told.metadata.set("retry-after", String(Math.max(0, Math.ceil(error.retryAfter))));
  return told;
};
