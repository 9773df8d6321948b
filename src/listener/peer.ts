/** Who is at the other end of a connection, read once and kept as long as the connection. */

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { PresentedCredential } from "../envelope/call.ts";
import type { Peer } from "./head.ts";

/**
 * The peer's certificate as a credential: its DER in base64, whole, so that whoever maps certificates to identities may go by fingerprint, subject or
 * alternative name. Only one that a configured authority vouches for gets here ({@link acceptable}).
 */
const certificateOf = (socket: Socket): PresentedCredential | undefined => {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return certificate === undefined ? undefined : { source: "certificate", value: certificate.raw.toString("base64") };
};

/** Whether a connection may stay: its peer showed no certificate, or one that an authority of `clientCa` vouches for. */
export const acceptable = (socket: TLSSocket): boolean => socket.authorized || socket.getPeerX509Certificate() === undefined;

export const peerOf = (socket: Socket): Peer => ({ remoteAddress: socket.remoteAddress ?? "", certificate: certificateOf(socket) });
