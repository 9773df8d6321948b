/** What was wrong with bytes that are no HTTP request. */

import { GatewayError } from "../envelope/error.ts";

/** Node's codes for what its parser or its clock refused (`HPE_…` are llhttp's). */
const reasons: Readonly<Record<string, () => GatewayError>> = {
  HPE_HEADER_OVERFLOW: () => new GatewayError("headers_too_large"),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => new GatewayError("request_too_large"),
  ERR_HTTP_REQUEST_TIMEOUT: () => new GatewayError("request_timeout"),
};

/** So much of a broken request is looked at to see what it was meant for. */
const sniffedBytes = 256;

const beginningOf = (error: NodeJS.ErrnoException): string => {
  const packet: unknown = "rawPacket" in error ? error.rawPacket : undefined;
  return Buffer.isBuffer(packet) ? packet.toString("latin1", 0, sniffedBytes) : "";
};

/** A line of words that does not end with HTTP/1's version. */
const foreignLine = /^(?![^\r\n]* HTTP\/1\.\d\r\n)[\x20-\x7e]+\r\n/;

/**
 * Whether a client speaks another protocol of lines, or HTTP/2 with a preface gone wrong: it would read an answer of ours as its own, so the connection is
 * only closed (RFC 9113 section 3.4).
 */
const isForeign = (error: NodeJS.ErrnoException): boolean => {
  const beginning = beginningOf(error);
  return beginning.startsWith("PRI * HTTP/2.0\r\n") || (error.code === "HPE_INVALID_METHOD" && foreignLine.test(beginning));
};

/** The refusal for a `clientError`; undefined when there is nobody who could read it. */
export const brokenRequest = (error: NodeJS.ErrnoException): GatewayError | undefined => {
  if (error.code === "ECONNRESET" || error.code === "EPIPE" || isForeign(error)) return undefined;
  return reasons[error.code ?? ""]?.() ?? new GatewayError("request_invalid", "This is not a valid HTTP request.", { cause: error });
};

const requestLine = /^[A-Z]{1,16} (\/[^ ]*)/;

/** The target that a broken request names, if its first bytes are a request line. */
export const brokenTarget = (error: NodeJS.ErrnoException): string | undefined => requestLine.exec(beginningOf(error))?.[1];
