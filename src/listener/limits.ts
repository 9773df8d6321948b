/** How much, and how slowly, a caller may send before anybody knows who it is. */

export interface ListenerLimits {
  /** Bytes of a request's line and headers together; of HTTP/2's, all names and values. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Milliseconds within which a TLS handshake, the first bytes of a connection, and then a head must each have arrived. */
  readonly headTimeout: number;
  /** Milliseconds within which a whole request must have arrived; surfaces have shorter limits of their own for bodies. */
  readonly requestTimeout: number;
  /** Milliseconds that a connection may idle between two requests. */
  readonly idleTimeout: number;
  /** Connections open at once; more are closed on arrival. */
  readonly connections: number;
  /** HTTP/2 streams open at once on one connection. */
  readonly streams: number;
  /** HTTP/2 streams of one connection that may end unanswered at once; after that, so many a second ({@link resetsPerSecond}). */
  readonly resets: number;
  readonly resetsPerSecond: number;
}

/**
 * Header sizes as nginx and Node have them; idle time above the 60 s of common load balancers, so that they close first. 256 streams, where
 * RFC 9113 section 6.5.2 asks for 100 at least, because answers of models are long and a client that shares one connection waits with the next call until
 * one of them ends. Who gives up on all of its streams at once may do so twice before it counts as an attack (CVE-2023-44487).
 */
export const defaultListenerLimits: ListenerLimits = {
  headerBytes: 16 * 1024,
  headerCount: 100,
  headTimeout: 10_000,
  requestTimeout: 120_000,
  idleTimeout: 65_000,
  connections: 10_000,
  streams: 256,
  resets: 512,
  resetsPerSecond: 50,
};
