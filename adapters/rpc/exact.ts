/** What makes an RPC the one it is: what a person's yes is bound to (ARCHITECTURE.md 1.7). */

import type { Incoming } from "../../src/envelope/exchange.ts";
import { otherPreferences } from "../../src/envelope/preference.ts";
import { exactPieces } from "../shared/exact-request.ts";
import type { RpcCall } from "./call.ts";
import type { Metadata, RpcMessage, RpcPart } from "./message.ts";

/** Metadata of a single try: a retry changes it and asks for the same. */
const ofOneTry: ReadonlySet<string> = new Set(["user-agent", "traceparent", "tracestate", "grpc-previous-rpc-attempts", "idempotency-key"]);

const lasting = (metadata: Metadata): string[] => {
  const kept: string[] = [];
  for (let at = 0; at + 1 < metadata.length; at += 2) {
    const [name = "", value = ""] = metadata.slice(at, at + 2);
    const said = name === "prefer" ? otherPreferences(value) : value;
    if (!ofOneTry.has(name) && (name !== "prefer" || said !== "")) kept.push(name, said);
  }
  return kept;
};

const bytesOf = (part: RpcPart): Buffer => (part.kind === "raw" ? part.bytes : part.frame.wire);

/** The request with what it is bound by; of a stream that goes on, what opens it. */
export const withExact = (incoming: Incoming<RpcMessage>, { head }: RpcCall): Incoming<RpcMessage> => {
  const { message, more } = incoming;
  if (message.kind !== "opening") return incoming;
  return {
    ...incoming,
    ...(more === undefined ? {} : { unseen: ["the messages that follow"] }),
    exact: () => {
      const { method, direction, query } = head;
      const body = Buffer.concat(message.parts.map(bytesOf));
      return exactPieces({ method, path: direction.path, query, headers: lasting(message.metadata), body });
    },
  };
};
