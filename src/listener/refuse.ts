/** Refusals by the listener itself, before any surface has seen the request or where HTTP itself was broken. */

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayError } from "../envelope/error.ts";
import { type Refusal, refusalHeaders } from "../envelope/surface.ts";

/** Puts an error into words. */
export type Wording = (error: GatewayError, session: string, mediaType?: string) => Refusal;

/** ARCHITECTURE.md 1.5, REST: for whatever no surface claims. */
export const restWording: Wording = (error, session) => ({
  contentType: "application/json",
  body: JSON.stringify({ error: error.message, code: error.reason, session }),
});

/** How long a refused request's remaining body is read and dropped, so that its sender gets to read the answer before the connection goes, milliseconds. */
const lingerMs = 2_000;

/** Drops what is left of a request that has been answered; a sender that goes on for too long loses its connection. */
export const linger = (request: IncomingMessage): void => {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, lingerMs);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
};

export interface Refused {
  readonly socket: Duplex;
  readonly session: string;
}

/** Answers on a socket where HTTP was broken, and closes it. */
export const refuseSocket = (error: GatewayError, { socket, session }: Refused, wording: Wording): void => {
  const { contentType, body, status = error.ruling.http, headers: own } = wording(error, session);
  const headers = {
    ...refusalHeaders(error, session),
    ...own,
    "content-type": contentType,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
};
