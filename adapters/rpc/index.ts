/** gRPC, gRPC-Web and Connect as one surface: it passes on whichever of them the caller speaks. */

import type { ServerHttp2Stream } from "node:http2";
import type { StreamSurface, Surface } from "../../src/envelope/surface.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { defaultRpcLimits, type RpcOptions, type RpcSettings, surfaceName } from "./call.ts";
import { handleGrpc } from "./grpc.ts";
import { handleHttp } from "./http.ts";
import { rpcRefusal } from "./refusal.ts";

export { askUpstream } from "./ask.ts";
export type { RpcLimits, RpcOptions } from "./call.ts";
export { ConnectionMessages, type DescribedMethods, DescriptorsUnavailable } from "./messages/index.ts";

/** The surface, for the listener to hand calls to. */
export const rpcAdapter = (options: RpcOptions): Surface<HttpRequest, HttpResponse> & StreamSurface<ServerHttp2Stream> => {
  const settings: RpcSettings = { ...options, limits: { ...defaultRpcLimits, ...options.limits } };
  return {
    name: surfaceName,
    handle: (head, request, response) => handleHttp({ head, request, response }, settings),
    handleStream: (head, stream, rawHeaders) => handleGrpc({ head, stream, rawHeaders }, settings),
    refusal: rpcRefusal,
  };
};
