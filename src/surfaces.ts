/** The surfaces behind the port: one adapter for each API that callers speak, all of them in front of one core. */

import { anthropicAdapter } from "../adapters/anthropic/index.ts";
import { openaiAdapter, openaiCaller } from "../adapters/openai/index.ts";
import { restAdapter } from "../adapters/rest/index.ts";
import { type ConnectionMessages, rpcAdapter } from "../adapters/rpc/index.ts";
import type { Upstreams } from "../adapters/shared/upstream-http.ts";
import type { Http2Upstreams } from "../adapters/shared/upstream-http2.ts";
import type { ConnectionRegistry } from "./connections/index.ts";
import type { Serve } from "./envelope/exchange.ts";
import { inferenceSurface } from "./inference/index.ts";
import type { AnySurface } from "./listener/index.ts";

export interface SurfaceParts {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  readonly http2: Http2Upstreams;
  readonly messages: ConnectionMessages;
  readonly connections: ConnectionRegistry;
}

/** Makes every surface that leads to connections. */
export const protocolSurfaces = ({ serve, upstreams, http2, messages, connections }: SurfaceParts): readonly AnySurface[] => {
  const rpc = rpcAdapter({ serve, upstreams, http2, messages, meant: (route) => connections.meant(route) });
  return [
    openaiAdapter({ serve, upstreams }),
    anthropicAdapter({ serve, upstreams }),
    restAdapter({ serve, upstreams }),
    rpc,
    inferenceSurface({ ask: openaiCaller({ serve, upstreams }), refusal: rpc.refusal }),
  ];
};
