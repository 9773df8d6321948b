/** What a caller is told of a call that was stopped. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { RpcCall } from "./call.ts";
import { PlainRefusal } from "./plain-refusal.ts";
import { codingUnknown, deadlinePassed } from "./wire/wire-fault.ts";

/** Content that policy must read and nobody can: where that is for want of a codec, a coding or a method it is told as that. */
const unreadable = ({ unread }: RpcCall, error: GatewayError): GatewayError => {
  switch (unread) {
    case "codec":
      return new PlainRefusal("media_type_unsupported");
    case "coding":
      return codingUnknown();
    case "method":
      return new PlainRefusal("target_unknown", "No such method is offered here.");
    case undefined:
      return error;
  }
};

/** The error as the caller hears of it; the record has its own. `call`: undefined where the call had not been read. */
export const toldOf = (thrown: unknown, call: RpcCall | undefined): GatewayError => {
  const error = GatewayError.from(thrown);
  if (call === undefined) return error;
  if (error.reason === "content_unreadable") return unreadable(call, error);
  const { deadline } = call;
  return error.reason === "upstream_timeout" && deadline !== undefined && Date.now() >= deadline ? deadlinePassed() : error;
};
