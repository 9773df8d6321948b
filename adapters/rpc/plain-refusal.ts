/** Refusals in HTTP's own words: of requests that are none of a protocol spoken here, so that no client would read another's. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Dialect, HttpWords } from "./dialect.ts";

/** How a stopped call is told to its caller. */
export type RefusalWords = Pick<Dialect, "refusal" | "lastWords">;

/** A method of HTTP by which no RPC is called. */
export class WrongVerb extends GatewayError {
  constructor() {
    super("operation_unsupported", "Methods are called by POST.");
    this.name = "WrongVerb";
  }
}

/** RFC 9110 section 15.5.6. */
const wrongVerb = { status: 405, headers: { allow: "POST" } };

/** A status and a sentence. */
export const plainRefusal = (error: GatewayError): HttpWords => {
  const { status, headers } = error instanceof WrongVerb ? wrongVerb : { status: error.ruling.http, headers: {} };
  return { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body: `${error.message}\n` };
};

export const plainWords: RefusalWords = { refusal: plainRefusal, lastWords: () => undefined };

/**
 * Refusals of a call whose method could be read if it were not for its codec: where policy must read it, it is the media type that is not supported, which
 * clients of all three protocols are told in HTTP's words.
 */
export const unreadCodec =
  (refusal: Dialect["refusal"]): Dialect["refusal"] =>
  (error, session) =>
    error.reason === "content_unreadable" ? plainRefusal(new GatewayError("media_type_unsupported")) : refusal(error, session);
