/** gRPC, gRPC-Web and Connect as one surface: it passes on whichever of them the caller speaks. */

import type { ServerHttp2Stream } from "node:http2";
import type { StreamSurface } from "../../src/envelope/surface.ts";
import { defaultRpcLimits, type RpcOptions, type RpcSettings, surfaceName } from "./call.ts";
import { handleGrpc } from "./grpc.ts";

export type { RpcLimits, RpcOptions } from "./call.ts";

/** The surface, for the listener to hand calls to. */
export const rpcAdapter = (options: RpcOptions): StreamSurface<ServerHttp2Stream> => {
  const settings: RpcSettings = { ...options, limits: { ...defaultRpcLimits, ...options.limits } };
  return {
    name: surfaceName,
    handleStream: (head, stream, rawHeaders) => handleGrpc({ head, stream, rawHeaders }, settings),
  };
};
