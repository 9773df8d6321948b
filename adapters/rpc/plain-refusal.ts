/** Refusals in HTTP's own words: of requests that are none of a protocol spoken here, or that no server of the protocol would take either. */

import { GatewayError, type Reason } from "../../src/envelope/error.ts";
import type { HttpWords } from "./dialect.ts";

/** A refusal that is a status of HTTP and a sentence. The status is the reason's own unless HTTP has a better one. */
export class PlainRefusal extends GatewayError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    reason: Reason,
    message?: string,
    own: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(reason, message);
    this.name = "PlainRefusal";
    this.status = own.status ?? this.ruling.http;
    this.headers = own.headers ?? {};
  }
}

/** A method of HTTP by which no RPC is called (RFC 9110 section 15.5.6). */
export const wrongVerb = (): PlainRefusal =>
  new PlainRefusal("operation_unsupported", "Methods are called by POST.", { status: 405, headers: { allow: "POST" } });

export const plainWords = (error: PlainRefusal): HttpWords => ({
  status: error.status,
  headers: { ...error.headers, "content-type": "text/plain; charset=utf-8" },
  body: `${error.message}\n`,
});
