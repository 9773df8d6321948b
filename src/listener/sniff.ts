/** Tells by the first bytes of a connection in clear text which version of HTTP it speaks. */

import type { Socket } from "node:net";

/** What every HTTP/2 client sends first (RFC 9113 section 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export type HttpVersion = "1.1" | "2";

/** What bytes say; undefined while they may still become either. */
const versionOf = (bytes: Buffer): HttpVersion | undefined => {
  const compared = Math.min(bytes.length, preface.length);
  if (bytes.compare(preface, 0, compared, 0, compared) !== 0) return "1.1";
  return compared === preface.length ? "2" : undefined;
};

export interface Sniffing {
  /** Milliseconds within which the bytes must say what they are. */
  readonly timeout: number;
  /** Called once, with the socket as if nobody had read from it: no listener of ours is on it, and its bytes are in its buffer again. */
  readonly known: (version: HttpVersion) => void;
  /** Called instead of `known` when time was up. */
  readonly silent: () => void;
}

/**
 * Looks at a new connection. A connection that ends or breaks before it has said anything is closed.
 *
 * INVARIANT: the socket never flows here (`readable` and `read`, no `data`, no `resume`): HTTP/2 takes its handle as it is, and bytes that were made to
 * flow would be lost to it, while HTTP/1 makes it flow by listening.
 */
export const sniff = (socket: Socket, { timeout, known, silent }: Sniffing): void => {
  let seen: Buffer = Buffer.alloc(0);
  const settle = (then: () => void): void => {
    clearTimeout(timer);
    socket.off("readable", look).off("end", leave).off("close", stop).off("error", ignore);
    then();
  };
  const stop = (): void => clearTimeout(timer);
  const leave = (): void => void socket.destroy();
  const look = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const version = versionOf(seen);
    if (version === undefined) return;
    settle(() => {
      socket.unshift(seen);
      known(version);
    });
  };
  const timer = setTimeout(() => settle(silent), timeout);
  socket.on("readable", look).on("end", leave).on("close", stop).on("error", ignore);
};

/** A connection that breaks closes by itself; there is nobody to tell. */
const ignore = (): void => {};
