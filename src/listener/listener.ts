/** The gateway's port: HTTP/1.1 and HTTP/2 in, heads read and checked, requests handed to the surface that speaks their API. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { GatewayError } from "../envelope/error.ts";
import { type Arrival, Http1Arrival, Http2Arrival } from "./arrival.ts";
import { brokenRequest, brokenTarget } from "./broken.ts";
import { type Direct, directByShape } from "./direct.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Peer } from "./head.ts";
import { createHttp1 } from "./http1.ts";
import { Http2Connections } from "./http2.ts";
import { defaultListenerLimits, type ListenerLimits } from "./limits.ts";
import { peerOf } from "./peer.ts";
import { Port } from "./port.ts";
import { linger, refuseSocket } from "./refuse.ts";
import { newSessionId } from "./session-id.ts";
import type { HttpVersion } from "./sniff.ts";
import type { AnySurface } from "./surfaces.ts";
import type { TlsOptions } from "./tls.ts";

export interface ListenerOptions {
  readonly surfaces: readonly AnySurface[];
  /** Chooses the surface of each request; absent: {@link directByShape}. */
  readonly direct?: Direct;
  /** Whether everything behind the listener is up: what `/readyz` tells. */
  readonly ready: () => boolean;
  readonly limits?: Partial<ListenerLimits>;
  /** Given: the port speaks TLS, and nothing in clear text. */
  readonly tls?: TlsOptions | undefined;
}

/** States: serving → draining → closed. `drain` moves on; while draining, new requests on open connections are refused as `shutting_down`. */
export class Listener {
  readonly #port: Port;
  readonly #http1: Server;
  readonly #http2: Http2Connections;
  readonly #dispatcher: Dispatcher;
  readonly #peers = new WeakMap<Socket, Peer>();
  #draining = false;

  /** Throws an Error of OpenSSL when the certificate cannot be used. */
  constructor({ surfaces, direct = directByShape, ready, limits: given, tls }: ListenerOptions) {
    const limits = { ...defaultListenerLimits, ...given };
    this.#dispatcher = new Dispatcher({
      surfaces,
      direct,
      limits,
      ready: () => !this.#draining && ready(),
      draining: () => this.#draining,
    });
    this.#http1 = createHttp1(limits, {
      request: (request, response) => this.#dispatch(request, response),
      upgrade: (request, socket) => this.#refuseUpgrade(request, socket),
      broken: (error, socket) => this.#broken(error, socket),
    });
    this.#http2 = new Http2Connections(limits, (opened, peer) => this.#dispatcher.dispatch(new Http2Arrival(opened, peer)));
    this.#port = new Port(tls, limits, {
      connection: (version, socket) => this.#connected(version, socket),
      silent: (socket) => this.#refuseSocket(new GatewayError("request_timeout"), socket, undefined),
    });
  }

  /** Starts to listen; resolves with the port. Rejects with an Error that says in plain words why it cannot. */
  listen(port: number, address: string): Promise<number> {
    return this.#port.listen(port, address);
  }

  /** Shows another certificate to whoever connects from now on; a listener in clear text stays one. Throws an Error of OpenSSL when it cannot be used. */
  renewTls(tls: TlsOptions): void {
    this.#port.renew(tls);
  }

  /** Stops accepting, lets open answers finish for at most `graceMs`, then closes what is left. Resolves once every connection is closed. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const closed = this.#port.close();
    // It never listened: what this closes is its idle connections and its clock.
    this.#http1.close();
    this.#http2.drain();
    const timer = setTimeout(() => this.#port.destroy(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  /** One function for all, because every request has it: a connection whose answer ends while we drain has nothing left to wait for. */
  readonly #closeIdle = (): void => {
    if (this.#draining) setImmediate(() => this.#http1.closeIdleConnections());
  };

  #connected(version: HttpVersion, socket: Socket): void {
    if (this.#draining) socket.destroy();
    else if (version === "2") this.#http2.take(socket);
    else {
      this.#peers.set(socket, peerOf(socket));
      this.#http1.emit("connection", socket);
    }
  }

  #http1Arrival(request: IncomingMessage, response: ServerResponse): Arrival {
    return new Http1Arrival(request, response, this.#peers.get(request.socket) ?? peerOf(request.socket));
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    // Not `once`, which makes a function for each: a response finishes once.
    response.on("finish", lingerAfter);
    if (this.#draining) response.shouldKeepAlive = false;
    else response.on("finish", this.#closeIdle);
    this.#dispatcher.dispatch(this.#http1Arrival(request, response));
  }

  #refuseUpgrade(request: IncomingMessage, socket: Duplex): void {
    this.#refuseSocket(new GatewayError("operation_unsupported", "The gateway does not switch protocols."), socket, request.url);
  }

  #refuseSocket(error: GatewayError, socket: Duplex, target: string | undefined): void {
    const session = newSessionId();
    refuseSocket(error, { socket, session }, this.#dispatcher.wordingOf(target));
  }

  #broken(error: NodeJS.ErrnoException, socket: Duplex): void {
    const refusal = brokenRequest(error);
    if (refusal === undefined || !socket.writable || hasBegunAnswer(socket)) socket.destroy();
    else this.#refuseSocket(refusal, socket, brokenTarget(error));
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
