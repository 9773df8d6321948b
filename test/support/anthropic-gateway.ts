/** A listener with the Anthropic surface in front of a scripted upstream: the wire without the core. */

import { anthropicAdapter } from "../../adapters/anthropic/index.ts";
import { Upstreams } from "../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../src/connections/index.ts";
import type { Connection } from "../../src/envelope/call.ts";
import { Listener } from "../../src/listener/index.ts";
import { type PlainCore, type PlainCoreOptions, plainCore } from "./plain-core.ts";
import type { ScriptedUpstream } from "./upstream.ts";

export interface AnthropicGateway {
  readonly url: string;
  readonly core: PlainCore;
  close(): Promise<void>;
}

export const startAnthropicGateway = async (options: PlainCoreOptions): Promise<AnthropicGateway> => {
  const core = plainCore(options);
  const upstreams = new Upstreams({ network: networkOf(() => true) });
  const listener = new Listener({ surfaces: [anthropicAdapter({ serve: core.serve, upstreams })], ready: () => true });
  const port = await listener.listen(0, "127.0.0.1");
  return {
    url: `http://127.0.0.1:${port}`,
    core,
    close: async () => {
      await listener.drain(0);
      await upstreams.close();
    },
  };
};

/** A connection to a scripted upstream that speaks Anthropic's API. */
export const anthropicConnection = (upstream: ScriptedUpstream, overrides: Partial<Connection> = {}): Connection =>
  upstream.connection({ name: "claude", protocol: "anthropic", credential: { header: "x-api-key", value: "upstream-key" }, ...overrides });
