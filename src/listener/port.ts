/** The one port: takes connections, in clear text or over TLS, and tells which version of HTTP each speaks. */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions as NodeTlsOptions, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { ListenerLimits } from "./limits.ts";
import { acceptable } from "./peer.ts";
import { type HttpVersion, sniff } from "./sniff.ts";
import type { TlsOptions } from "./tls.ts";

export interface PortEvents {
  readonly connection: (version: HttpVersion, socket: Socket) => void;
  /** A connection in clear text that did not say in time what it is; nobody listens to it any more. */
  readonly silent: (socket: Socket) => void;
}

/** RFC 7301 names; HTTP/2 first, because the server's order decides. */
const alpn = ["h2", "http/1.1"];

/** Without ALPN a connection is HTTP/1.1: HTTP/2 over TLS is chosen by ALPN only (RFC 9113 section 3.2). */
const versionOf = (socket: TLSSocket): HttpVersion => (socket.alpnProtocol === "h2" ? "2" : "1.1");

const overTls = ({ cert, key, clientCa }: TlsOptions, limits: ListenerLimits, events: PortEvents): TlsServer => {
  const options: NodeTlsOptions = {
    cert,
    key,
    minVersion: "TLSv1.2",
    handshakeTimeout: limits.headTimeout,
    ALPNProtocols: alpn,
    // Whom to take is decided by `acceptable`: Node would turn away those who have no certificate, too.
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  const server = createTlsServer({ ...options, noDelay: true }, (socket) => {
    if (clientCa === undefined || acceptable(socket)) events.connection(versionOf(socket), socket);
    else socket.destroy();
  });
  // A handshake that failed or took too long: Node tells of it, and leaves the connection to whoever hears.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
};

/** Why a port cannot be had, in plain words. */
const listenError = (error: NodeJS.ErrnoException, port: number, address: string): Error => {
  const place = `${address}:${port}`;
  if (error.code === "EADDRINUSE") return new Error(`${place} is already in use: stop what listens there, or choose another port.`);
  if (error.code === "EACCES") return new Error(`${place} may not be used by this user: choose a port above 1023.`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`${address} is not an address of this machine.`);
  return new Error(`Cannot listen on ${place}: ${error.message}`, { cause: error });
};

export class Port {
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  /** Every open connection, below TLS. */
  readonly #open = new Set<Socket>();
  /** Connections in clear text that have not said yet what they are. */
  readonly #unknown = new Set<Socket>();

  /** Throws an Error of OpenSSL when certificate and key cannot be used. */
  constructor(tls: TlsOptions | undefined, limits: ListenerLimits, events: PortEvents) {
    this.#tls = tls === undefined ? undefined : overTls(tls, limits, events);
    this.#server = this.#tls ?? this.#clearText(limits, events);
    this.#server.maxConnections = limits.connections;
    this.#server.on("connection", (socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
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

  /** Shows another certificate to whoever connects from now on. */
  renew({ cert, key, clientCa }: TlsOptions): void {
    this.#tls?.setSecureContext({ cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) });
  }

  /** Takes no more connections and closes those that have said nothing; resolves once every connection is closed. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#unknown) socket.destroy();
    return closed;
  }

  /** Closes every connection as it is, handshakes that go on among them. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #clearText(limits: ListenerLimits, events: PortEvents): Server {
    // As Node's own HTTP server has them: a caller may close its sending side, and small answers are sent at once.
    return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#unknown.add(socket);
      const settled = (): boolean => this.#unknown.delete(socket);
      socket.once("close", settled);
      const told = (then: () => void): void => {
        settled();
        socket.off("close", settled);
        then();
      };
      sniff(socket, {
        timeout: limits.headTimeout,
        known: (version) => told(() => events.connection(version, socket)),
        silent: () => told(() => events.silent(socket)),
      });
    });
  }
}
