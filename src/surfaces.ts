/** The surfaces behind the port: one adapter for each API that callers speak, all of them in front of one core. */

import { anthropicAdapter } from "../adapters/anthropic/index.ts";
import { openaiAdapter } from "../adapters/openai/index.ts";
import { openaiCaller } from "../adapters/openai/inner.ts";
import { restAdapter } from "../adapters/rest/index.ts";
import type { Upstreams } from "../adapters/shared/upstream-http.ts";
import type { Serve } from "./envelope/exchange.ts";
import { inferenceSurface } from "./inference/index.ts";
import type { AnySurface } from "./listener/index.ts";

export interface SurfaceParts {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
}

/** Makes every surface that leads to connections. */
export const protocolSurfaces = ({ serve, upstreams }: SurfaceParts): readonly AnySurface[] => [
  openaiAdapter({ serve, upstreams }),
  anthropicAdapter({ serve, upstreams }),
  restAdapter({ serve, upstreams }),
  inferenceSurface(openaiCaller({ serve, upstreams })),
];
