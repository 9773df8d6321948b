/** The port that callers reach, as configuration wants it. */

import type { Config } from "./config/index.ts";
import type { ConnectionRegistry } from "./connections/index.ts";
import { type AnySurface, Listener, type TlsOptions } from "./listener/index.ts";

export interface PortParts {
  readonly surfaces: readonly AnySurface[];
  readonly connections: Pick<ConnectionRegistry, "direct">;
  /** Whether everything behind the port is up. */
  readonly ready: () => boolean;
}

const tlsOf = ({ listen: { tls } }: Config): TlsOptions | undefined =>
  tls && { cert: tls.cert.reveal(), key: tls.key.reveal(), clientCa: tls.clientCa?.reveal() };

/** Makes the listener; nothing listens yet. */
export const makeListener = (config: Config, { surfaces, connections, ready }: PortParts): Listener =>
  new Listener({ surfaces, direct: (route, facts) => connections.direct(route, facts), ready, tls: tlsOf(config) });

/** Shows the certificate of a new configuration to whoever connects from now on; whether there is TLS at all stays as it is. */
export const renewCertificate = (listener: Listener, config: Config): void => {
  const tls = tlsOf(config);
  if (tls !== undefined) listener.renewTls(tls);
};
