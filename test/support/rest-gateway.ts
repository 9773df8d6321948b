/** A listener with the REST surface in front of a scripted upstream: the wire without the core. */

import { restAdapter } from "../../adapters/rest/index.ts";
import type { BodyLimits } from "../../adapters/shared/request-body.ts";
import { Upstreams } from "../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../src/connections/index.ts";
import type { Connection, PathOperation } from "../../src/envelope/call.ts";
import { type Direct, Listener } from "../../src/listener/index.ts";
import { type PlainCore, type PlainCoreOptions, plainCore } from "./plain-core.ts";
import type { ScriptedUpstream } from "./upstream.ts";

export interface RestGateway {
  readonly url: string;
  readonly port: number;
  readonly core: PlainCore;
  close(): Promise<void>;
}

export interface RestGatewayOptions extends Omit<PlainCoreOptions, "connections"> {
  readonly upstream: ScriptedUpstream;
  readonly connection?: Partial<Connection>;
  readonly operations?: readonly PathOperation[];
  readonly body?: Partial<BodyLimits>;
}

/** Paths below `/app` go to the upstream; the prefix is taken off. */
export const startRestGateway = async (options: RestGatewayOptions): Promise<RestGateway> => {
  const { upstream, connection = {}, operations = [], body = {} } = options;
  const core = plainCore({
    ...options,
    connections: [upstream.connection({ protocol: "rest", upstream: `http://127.0.0.1:${upstream.port}`, ...connection })],
  });
  const upstreams = new Upstreams({ network: networkOf(() => true) });
  const direct: Direct = ({ path }) => ({ surface: "rest", path: path.replace(/^\/app(?=\/|$)/, "") || "/", operations });
  const listener = new Listener({ surfaces: [restAdapter({ serve: core.serve, upstreams, body })], ready: () => true, direct });
  const port = await listener.listen(0, "127.0.0.1");
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    core,
    close: async () => {
      await listener.drain(0);
      await upstreams.close();
    },
  };
};
