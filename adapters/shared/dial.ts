/** How upstreams are dialled: never an address that egress forbids (ARCHITECTURE.md 1.9). */

import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { DialTimeout } from "./upstream-error.ts";

/** Where upstreams may lie: what is checked is the address that is dialled. */
export interface Network {
  /** Throws for a host that is itself an address and may not be dialled. IPv6 without brackets. */
  readonly check: (host: string) => void;
  /** Resolves names to allowed addresses only. */
  readonly lookup: LookupFunction;
  /** What undici dials with. `timeout`: milliseconds until connected, TLS included. */
  readonly connector: (timeout: number) => buildConnector.connector;
}

/** What HTTP/2 is called in TLS's negotiation of protocols (RFC 9113 section 3.2). */
const http2Alpn = "h2";

const isTls = (socket: Socket | TLSSocket): socket is TLSSocket => "alpnProtocol" in socket;

const connectTo = (origin: URL, { check, lookup }: Network): { socket: Socket | TLSSocket; connected: string } => {
  const host = origin.hostname.replace(/^\[|\]$/g, "");
  check(host);
  if (origin.protocol !== "https:") return { socket: connectTcp({ host, port: Number(origin.port || 80), lookup }), connected: "connect" };
  const names = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port: Number(origin.port || 443), lookup, ALPNProtocols: [http2Alpn], ...names });
  return { socket, connected: "secureConnect" };
};

/**
 * A connection for HTTP/2, with prior knowledge or, over TLS, agreed on; every address dialled is checked. Rejects with what the network forbids it
 * with, the system's error, or a plain Error when it takes longer than `timeout` milliseconds or the server does not speak HTTP/2.
 */
export const dialHttp2 = (network: Network, origin: URL, timeout: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { socket, connected } = connectTo(origin, network);
    const timer = setTimeout(() => socket.destroy(new DialTimeout()), timeout);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", failed);
    socket.once(connected, () => {
      clearTimeout(timer);
      socket.off("error", failed);
      if (!isTls(socket) || socket.alpnProtocol === http2Alpn) return resolve(socket);
      socket.destroy();
      reject(new Error("the upstream does not speak HTTP/2"));
    });
  });
