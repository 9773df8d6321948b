/** Refusals of calls that this adapter never saw, in the words of the protocol that their media type names. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Refusal } from "../../src/envelope/surface.ts";
import { connectStreamDialect } from "./connect-stream.ts";
import { connectRefusal } from "./connect-unary.ts";
import type { HttpWords } from "./dialect.ts";
import { sessionName, statusMetadata } from "./grpc-status.ts";
import { headersOf } from "./metadata.ts";
import { PlainRefusal, plainWords } from "./plain-refusal.ts";
import { webDialect } from "./web.ts";

const grpcType = /^application\/grpc(?:\+|$)/;

const wordsOf = (error: GatewayError, session: string, mediaType: string): HttpWords => {
  if (grpcType.test(mediaType)) {
    const headers = { "content-type": mediaType, [sessionName]: session, ...headersOf(statusMetadata(error, session)) };
    return { status: 200, headers, body: "" };
  }
  const typed = ["content-type", mediaType];
  const dialect = webDialect(typed) ?? connectStreamDialect(typed);
  if (dialect !== undefined) return dialect.refusal(error, session);
  return error.reason === "media_type_unsupported" ? plainWords(new PlainRefusal(error.reason)) : connectRefusal(error, session);
};

const first = (value: string | string[] | undefined): string => (typeof value === "string" ? value : (value?.[0] ?? ""));

/** The refusal for the listener to write. `mediaType`: the request's, lower case and without parameters. */
export const rpcRefusal = (error: GatewayError, session: string, mediaType = ""): Refusal => {
  const { status, headers, body } = wordsOf(error, session, mediaType);
  const { "content-type": contentType, ...own } = headers;
  const named = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, first(value)]));
  return { contentType: first(contentType), status, headers: named, body: typeof body === "string" ? body : body.toString("utf8") };
};
