/** A listener with the RPC surface behind it: the wire of gRPC, gRPC-Web and Connect without the core. */

import { type RpcLimits, rpcAdapter } from "../../adapters/rpc/index.ts";
import type { ConnectionMessages } from "../../adapters/rpc/messages/index.ts";
import { Upstreams } from "../../adapters/shared/upstream-http.ts";
import { Http2Upstreams } from "../../adapters/shared/upstream-http2.ts";
import { networkOf } from "../../src/connections/index.ts";
import { Listener } from "../../src/listener/index.ts";
import { type PlainCore, type PlainCoreOptions, plainCore } from "./plain-core.ts";

export interface RpcGateway {
  readonly port: number;
  readonly core: PlainCore;
  close(): Promise<void>;
}

export interface RpcGatewayOptions extends PlainCoreOptions {
  readonly messages?: Pick<ConnectionMessages, "method">;
  readonly limits?: Partial<RpcLimits>;
}

export const startRpcGateway = async (options: RpcGatewayOptions): Promise<RpcGateway> => {
  const core = plainCore(options);
  const upstreams = new Upstreams({ network: networkOf(() => true) });
  const http2 = new Http2Upstreams({ network: networkOf(() => true) });
  const surface = rpcAdapter({
    serve: core.serve,
    upstreams,
    http2,
    messages: options.messages ?? { method: () => undefined },
    meant: () => options.connections[0],
    limits: options.limits ?? {},
  });
  const listener = new Listener({
    surfaces: [surface],
    direct: ({ path }) => ({ surface: "rpc", path, operations: [] }),
    ready: () => true,
  });
  const port = await listener.listen(0, "127.0.0.1");
  return {
    port,
    core,
    close: async () => {
      http2.close();
      await listener.drain(0);
      await upstreams.close();
    },
  };
};
