/** Weir's port and its RPC surface alone, behind a core that decides and records nothing: what of the cost is the wire's. Argument: the upstream's port. */

import { startRpcGateway } from "../../test/support/rpc-gateway.ts";
import { reportCpu } from "./load.ts";

const gateway = await startRpcGateway({
  connections: [
    {
      name: "echo",
      revision: "1",
      protocol: "grpc",
      upstream: `http://127.0.0.1:${process.argv[2]}`,
      http: "2",
      credential: undefined,
      timeouts: { connect: 5_000, firstByte: 60_000, idle: 60_000, total: 900_000 },
      anonymous: true,
    },
  ],
});
reportCpu(() => gateway.close());
process.send?.({ port: gateway.port });
