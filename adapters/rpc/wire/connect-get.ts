/** Connect's unary calls by GET (Connect protocol, "Unary-Get-Request"): the message stands in the query. */

import { GatewayError } from "../../../src/envelope/error.ts";

export interface ConnectQuery {
  /** The codec's name: `proto`, `json`. */
  readonly codec: string;
  /** The coding of the message; undefined: none. */
  readonly coding: string | undefined;
  /** The message as it came, compressed where a coding is named. */
  readonly message: Buffer;
  /** The parameters of the protocol as they came, in order; any other is left out. */
  readonly original: string;
}

/** The only parameters that the protocol knows. */
const known = new Set(["connect", "encoding", "message", "base64", "compression"]);

const invalid = (): GatewayError => new GatewayError("request_invalid", "The query is not that of a Connect call.");

const base64Url = /^[A-Za-z0-9_-]*={0,2}$/;

const messageOf = (text: string, isBase64: boolean): Buffer => {
  if (!isBase64) return Buffer.from(text, "utf8");
  if (!base64Url.test(text)) throw invalid();
  return Buffer.from(text, "base64url");
};

/** Reads what follows `?`. Throws `request_invalid` for parameters that are missing, repeated, or not what the protocol says. */
export const readConnectQuery = (query: string): ConnectQuery => {
  const all = new URLSearchParams(query);
  const kept = new URLSearchParams();
  for (const [name, value] of all) {
    if (!known.has(name)) continue;
    if (kept.has(name)) throw invalid();
    kept.set(name, value);
  }
  const codec = kept.get("encoding");
  const message = kept.get("message");
  if (codec === null || message === null) throw invalid();
  const compression = kept.get("compression") ?? "identity";
  return {
    codec,
    coding: compression === "identity" || compression === "" ? undefined : compression,
    message: messageOf(message, kept.get("base64") === "1"),
    original: kept.toString(),
  };
};

/** A query for a message that was written anew. `coding`: what the message is compressed by. */
export const formatConnectQuery = ({ codec, coding }: Pick<ConnectQuery, "codec" | "coding">, message: Buffer): string =>
  new URLSearchParams({
    connect: "v1",
    encoding: codec,
    base64: "1",
    ...(coding === undefined ? {} : { compression: coding }),
    message: message.toString("base64url"),
  }).toString();
