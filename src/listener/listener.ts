/** The gateway's port: HTTP/1.1 in, heads read and checked, requests handed to the surface that speaks their API. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RouteHints } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Surface } from "../envelope/surface.ts";
import { brokenRequest, brokenTarget } from "./broken.ts";
import { probableShape, readHead } from "./head.ts";
import { defaultListenerLimits, type ListenerLimits } from "./limits.ts";
import { linger, refuse, refuseSocket, restWording, type Wording } from "./refuse.ts";
import { newSessionId } from "./session-id.ts";

/** A surface as Node's HTTP server feeds it. */
export type HttpSurface = Surface<IncomingMessage, ServerResponse>;

export interface ListenerOptions {
  readonly surfaces: readonly HttpSurface[];
  /** Whether everything behind the listener is up: what `/readyz` tells. */
  readonly ready: () => boolean;
  readonly limits?: Partial<ListenerLimits>;
}

/** How often Node looks for requests that take too long, milliseconds: the precision of the time limits. */
const timeoutCheckMs = 500;

const answerProbe = (response: ServerResponse, session: string, up: boolean): void => {
  const body = JSON.stringify({ status: up ? "ok" : "unavailable" });
  response
    .writeHead(up ? 200 : 503, {
      "x-request-id": session,
      "content-type": "application/json",
      "content-length": body.length,
      "cache-control": "no-store",
    })
    .end(body);
};

/** States: serving → draining → closed. `drain` moves on; while draining, new requests on open connections are refused as `shutting_down`. */
export class Listener {
  readonly #server: Server;
  readonly #surfaces: ReadonlyMap<string, HttpSurface>;
  readonly #ready: () => boolean;
  readonly #limits: ListenerLimits;
  #draining = false;

  constructor(options: ListenerOptions) {
    this.#limits = { ...defaultListenerLimits, ...options.limits };
    this.#surfaces = new Map(options.surfaces.map((surface) => [surface.name, surface]));
    this.#ready = options.ready;
    this.#server = this.#createServer();
  }

  /** Starts to listen; resolves with the port. Rejects with an Error that says in plain words why it cannot. */
  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port, address)));
      this.#server.listen(port, address, () => {
        const bound = this.#server.address();
        resolve(typeof bound === "object" && bound !== null ? bound.port : port);
      });
    });
  }

  /** Stops accepting, lets open answers finish for at most `graceMs`, then closes what is left. Resolves once every connection is closed. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  #createServer(): Server {
    const { headerBytes, headTimeout, requestTimeout, idleTimeout, connections } = this.#limits;
    const server = createServer({
      maxHeaderSize: headerBytes,
      headersTimeout: headTimeout,
      requestTimeout,
      keepAliveTimeout: idleTimeout,
      connectionsCheckingInterval: timeoutCheckMs,
      // Both are checked here, with answers that clients can read: Node would close or drop in silence.
      requireHostHeader: false,
      insecureHTTPParser: false,
    });
    server.maxHeadersCount = 0;
    server.maxConnections = connections;
    const dispatch = (request: IncomingMessage, response: ServerResponse): void => this.#dispatch(request, response);
    server.on("request", dispatch);
    // Whoever reads the body says "continue" first (adapters/shared/request-body.ts), so that a refused one is never sent.
    server.on("checkContinue", dispatch);
    server.on("checkExpectation", (request, response) => {
      this.#refuse(new GatewayError("request_invalid", "The only expectation supported is 100-continue."), request, response);
    });
    server.on("clientError", (error, socket) => this.#broken(error, socket));
    const unsupported = (request: IncomingMessage, socket: Duplex): void => {
      const error = new GatewayError("operation_unsupported", "The gateway does not switch protocols.");
      refuseSocket(error, socket, newSessionId(), this.#wording(probableShape(request.url)));
    };
    server.on("upgrade", unsupported);
    server.on("connect", unsupported);
    return server;
  }

  #wording(shape: RouteHints["shape"]): Wording {
    const surface = this.#surfaces.get(shape ?? "rest");
    return surface === undefined ? restWording : (error, session) => surface.refusal(error, session);
  }

  #refuse(error: GatewayError, request: IncomingMessage, response: ServerResponse, session = newSessionId()): void {
    refuse(error, { response, session }, this.#wording(probableShape(request.url)));
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    const session = newSessionId();
    response.once("finish", lingerAfter);
    try {
      this.#route(request, response, session);
    } catch (thrown) {
      this.#refuse(GatewayError.from(thrown), request, response, session);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse, session: string): void {
    if (request.rawHeaders.length / 2 > this.#limits.headerCount) throw new GatewayError("headers_too_large");
    const head = readHead(request, session, Date.now());
    const { path, shape } = head.route;
    if (path === "/healthz") answerProbe(response, session, true);
    else if (path === "/readyz") answerProbe(response, session, !this.#draining && this.#ready());
    else if (this.#draining) throw new GatewayError("shutting_down");
    else {
      const surface = this.#surfaces.get(shape ?? "rest");
      if (surface === undefined) throw new GatewayError("target_unknown");
      surface.handle(head, request, response);
    }
  }

  #broken(error: NodeJS.ErrnoException, socket: Duplex): void {
    const refusal = brokenRequest(error);
    if (refusal === undefined || !socket.writable || hasBegunAnswer(socket)) {
      socket.destroy();
      return;
    }
    refuseSocket(refusal, socket, newSessionId(), this.#wording(probableShape(brokenTarget(error))));
  }
}

/** For every response's end: what it refused may still be arriving. One function for all, because every request has it. */
function lingerAfter(this: ServerResponse): void {
  linger(this.req);
}

/** Whether an answer is already on the socket: a second one would be read as part of it. Node keeps the response under this name (lib/_http_server.js). */
const hasBegunAnswer = (socket: Duplex): boolean => {
  const response: unknown = "_httpMessage" in socket ? socket._httpMessage : undefined;
  return typeof response === "object" && response !== null && "headersSent" in response && response.headersSent === true;
};

const listenError = (error: NodeJS.ErrnoException, port: number, address: string): Error => {
  const place = `${address}:${port}`;
  if (error.code === "EADDRINUSE") return new Error(`${place} is already in use: stop what listens there, or choose another port.`);
  if (error.code === "EACCES") return new Error(`${place} may not be used by this user: choose a port above 1023.`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`${address} is not an address of this machine.`);
  return new Error(`Cannot listen on ${place}: ${error.message}`, { cause: error });
};
