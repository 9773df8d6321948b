/** How upstreams are dialled: never an address that egress forbids (ARCHITECTURE.md 1.9). */

import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { AddressForbidden, DialTimeout } from "./upstream-error.ts";

/** Whether an IP address, written as text, may be dialled. */
export type AddressCheck = (address: string) => boolean;

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Resolves a name and keeps the addresses that may be dialled: what is checked is what is connected to. */
const checkedLookup =
  (allowed: AddressCheck) =>
  (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const kept = addresses.filter(({ address }) => allowed(address));
      const [first] = kept;
      if (first === undefined) callback(new AddressForbidden(), []);
      else if (options.all === true) callback(null, kept);
      else callback(null, first.address, first.family);
    });
  };

/** A connector that checks every address it dials. `timeout`: milliseconds until connected, TLS included. */
export const checkedConnector = (allowed: AddressCheck, timeout: number): buildConnector.connector => {
  const connect = buildConnector({ timeout, lookup: checkedLookup(allowed) });
  return (target, callback) => {
    if (isIP(target.hostname) !== 0 && !allowed(target.hostname)) {
      process.nextTick(callback, new AddressForbidden(), null);
      return;
    }
    connect(target, callback);
  };
};

/** What HTTP/2 is called in TLS's negotiation of protocols (RFC 9113 section 3.2). */
const http2Alpn = "h2";

const isTls = (socket: Socket | TLSSocket): socket is TLSSocket => "alpnProtocol" in socket;

const connectTo = (origin: URL, lookup: ReturnType<typeof checkedLookup>): { socket: Socket | TLSSocket; connected: string } => {
  const host = origin.hostname.replace(/^\[|\]$/g, "");
  if (origin.protocol !== "https:") return { socket: connectTcp({ host, port: Number(origin.port || 80), lookup }), connected: "connect" };
  const names = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port: Number(origin.port || 443), lookup, ALPNProtocols: [http2Alpn], ...names });
  return { socket, connected: "secureConnect" };
};

/**
 * A connection for HTTP/2, with prior knowledge or, over TLS, agreed on; every address dialled is checked. Rejects with {@link AddressForbidden},
 * the system's error, or a plain Error when it takes longer than `timeout` milliseconds or the server does not speak HTTP/2.
 */
export const dialHttp2 = (allowed: AddressCheck, origin: URL, timeout: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const host = origin.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !allowed(host)) {
      reject(new AddressForbidden());
      return;
    }
    const { socket, connected } = connectTo(origin, checkedLookup(allowed));
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
