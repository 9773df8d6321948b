/** What a stopped call's status holds: `google.rpc.Status` with an `ErrorInfo`, written by hand because nothing else of those types is needed. */

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type GatewayError, grpcCodes } from "../../../src/envelope/error.ts";

/** `ErrorInfo.domain` of everything that the gateway says (google/rpc/error_details.proto). */
const errorDomain = "weir";

/** The full name of the detail that every refusal carries. */
export const errorInfoType = "google.rpc.ErrorInfo";

const mapEntry = (key: string, value: string): Uint8Array => new BinaryWriter().tag(1, 2).string(key).tag(2, 2).string(value).finish();

/** A serialised `google.rpc.ErrorInfo`: the reason, and the session under which the record tells more. */
export const errorInfo = ({ reason }: GatewayError, session: string): Uint8Array =>
  new BinaryWriter().tag(1, 2).string(reason).tag(2, 2).string(errorDomain).tag(3, 2).bytes(mapEntry("session", session)).finish();

/** A serialised `google.rpc.Status`: code, message, and the error's {@link errorInfo}. */
export const statusDetails = (error: GatewayError, session: string): Uint8Array => {
  const any = new BinaryWriter()
    .tag(1, 2)
    .string(`type.googleapis.com/${errorInfoType}`)
    .tag(2, 2)
    .bytes(errorInfo(error, session))
    .finish();
  return new BinaryWriter().tag(1, 0).int32(grpcCodes[error.ruling.grpc]).tag(2, 2).string(error.message).tag(3, 2).bytes(any).finish();
};
