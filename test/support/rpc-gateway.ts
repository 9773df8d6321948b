/** A bare HTTP/2 port with the RPC surface behind it: the wire of gRPC without the core. */

import { createServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { type RpcLimits, rpcAdapter } from "../../adapters/rpc/index.ts";
import type { ConnectionMessages } from "../../adapters/rpc/messages/index.ts";
import { Http2Upstreams } from "../../adapters/shared/upstream-http2.ts";
import type { Head } from "../../src/envelope/surface.ts";
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

/** The session of every call through such a port. */
export const testSession = "00112233445566778899aabbccddeeff";

const headOf = (path: string, method: string): Head => ({
  id: testSession,
  receivedAt: Date.now(),
  method,
  remoteAddress: "127.0.0.1",
  query: "",
  route: { connection: undefined, host: "localhost", path, shape: undefined },
  direction: { surface: "rpc", path, operations: [] },
  credentials: [],
});

export const startRpcGateway = async (options: RpcGatewayOptions): Promise<RpcGateway> => {
  const core = plainCore(options);
  const http2 = new Http2Upstreams({ allowed: () => true });
  const surface = rpcAdapter({
    serve: core.serve,
    http2,
    messages: options.messages ?? { method: () => undefined },
    meant: () => options.connections[0],
    limits: options.limits ?? {},
  });
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("stream", (stream, headers, _flags, ...rest: unknown[]) => {
    const [rawHeaders] = rest as [readonly string[]];
    surface.handleStream(headOf(headers[":path"] ?? "", headers[":method"] ?? ""), stream, rawHeaders);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    core,
    close: async () => {
      http2.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
