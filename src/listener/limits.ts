/** How much, and how slowly, a caller may send before anybody knows who it is. */

export interface ListenerLimits {
  /** Bytes of a request's line and headers together. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Milliseconds within which a head must have arrived. */
  readonly headTimeout: number;
  /** Milliseconds within which a whole request must have arrived; surfaces have shorter limits of their own for bodies. */
  readonly requestTimeout: number;
  /** Milliseconds that a connection may idle between two requests. */
  readonly idleTimeout: number;
  /** Connections open at once; more are closed on arrival. */
  readonly connections: number;
}

/** Header sizes as nginx and Node have them; idle time above the 60 s of common load balancers, so that they close first. */
export const defaultListenerLimits: ListenerLimits = {
  headerBytes: 16 * 1024,
  headerCount: 100,
  headTimeout: 10_000,
  requestTimeout: 120_000,
  idleTimeout: 65_000,
  connections: 10_000,
};
