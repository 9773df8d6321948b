/** What was wrong with bytes that are no HTTP request. */

import { GatewayError } from "../envelope/error.ts";

/** Node's codes for what its parser or its clock refused (`HPE_…` are llhttp's). */
const reasons: Readonly<Record<string, () => GatewayError>> = {
  HPE_HEADER_OVERFLOW: () => new GatewayError("headers_too_large"),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => new GatewayError("request_too_large"),
  ERR_HTTP_REQUEST_TIMEOUT: () => new GatewayError("request_timeout"),
};

/** The refusal for a `clientError`; undefined when the caller is gone and there is nobody to tell. */
export const brokenRequest = (error: NodeJS.ErrnoException): GatewayError | undefined => {
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return undefined;
  return reasons[error.code ?? ""]?.() ?? new GatewayError("request_invalid", "This is not a valid HTTP request.", { cause: error });
};

const requestLine = /^[A-Z]{1,16} (\/[^ ]*)/;
/** So much of a broken request is looked at to see which API it was meant for. */
const sniffedBytes = 256;

/** The target that a broken request names, if its first bytes are a request line. */
export const brokenTarget = (error: NodeJS.ErrnoException): string | undefined => {
  const packet: unknown = "rawPacket" in error ? error.rawPacket : undefined;
  return Buffer.isBuffer(packet) ? requestLine.exec(packet.toString("latin1", 0, sniffedBytes))?.[1] : undefined;
};
