/** HTTP/1.1: Node's server as a parser of connections that the port hands to it. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ListenerLimits } from "./limits.ts";

export interface Http1Events {
  /** A request whose head could be parsed. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  /** `Upgrade` or `CONNECT`. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex) => void;
  /** Bytes that are no request, or not in time. */
  readonly broken: (error: NodeJS.ErrnoException, socket: Duplex) => void;
}

/** How often Node looks for requests that take too long, milliseconds: the precision of the time limits. */
const timeoutCheckMs = 500;

/** A server that never listens: connections are given to it by `emit("connection", socket)`. */
export const createHttp1 = (limits: ListenerLimits, events: Http1Events): Server => {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: timeoutCheckMs,
    // Both are checked by the listener, with answers that clients can read: Node would close or drop in silence.
    requireHostHeader: false,
    insecureHTTPParser: false,
  });
  server.maxHeadersCount = 0;
  server.on("request", events.request);
  // Whoever reads the body says "continue" first (adapters/shared/request-body.ts), so that a refused one is never sent.
  server.on("checkContinue", events.request);
  // Any other expectation is refused by the listener, as over HTTP/2.
  server.on("checkExpectation", events.request);
  server.on("clientError", events.broken);
  server.on("upgrade", events.upgrade);
  server.on("connect", events.upgrade);
  // Node starts its list of connections and the clock over them when a server listens (lib/_http_server.js); this one hears it from us.
  server.emit("listening");
  return server;
};
