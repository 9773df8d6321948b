/** Headers of REST calls: those of requests that go on, and those of any message as they may be sent. */

import { type HeaderAllowance, passingHeaders } from "../shared/headers.ts";
import type { RestMessage } from "./message.ts";

/**
 * What an upstream may learn of the caller's client. `Range` and `If-Range` never pass: masking reads a text from its beginning (ARCHITECTURE.md 1.6), and a
 * server may always answer with the whole (RFC 9110 section 14.2).
 */
const requestHeaders: HeaderAllowance = {
  names: new Set([
    "accept",
    "accept-language",
    "cache-control",
    "content-language",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "prefer",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-requested-with",
    "endpoint-load-metrics-format",
  ]),
  prefixes: ["ce-"],
};

/** The caller's headers that go on, names and values in turn. */
export const passingRequestHeaders = (rawHeaders: readonly string[]): string[] => passingHeaders(rawHeaders, requestHeaders);

/** What stands between a header's name and its value where it is shown as a text. */
export const headerSeparator = ": ";

/** A message's headers as they may be sent: one whose name was covered is not. */
export const headersOf = ({ headers, envelope, body }: RestMessage): Record<string, string> => {
  const sent: Record<string, string> = {};
  for (const { path, raw } of headers) {
    const name = String(path.at(-1));
    if (raw.startsWith(`${name}${headerSeparator}`)) sent[name] = raw.slice(name.length + headerSeparator.length);
  }
  return envelope === undefined ? sent : { ...sent, ...envelope.seal(body).headers };
};
