/** A listener with the OpenAI surface in front of a scripted upstream: the wire without the core. */

import { openaiAdapter } from "../../adapters/openai/index.ts";
import type { BodyLimits } from "../../adapters/shared/request-body.ts";
import { Upstreams } from "../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../src/connections/index.ts";
import { Listener, type ListenerLimits } from "../../src/listener/index.ts";
import { type PlainCore, type PlainCoreOptions, plainCore } from "./plain-core.ts";

export interface OpenaiGateway {
  readonly url: string;
  readonly port: number;
  readonly core: PlainCore;
  readonly listener: Listener;
  close(): Promise<void>;
}

export interface OpenaiGatewayOptions extends PlainCoreOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly body?: Partial<BodyLimits>;
}

export const startOpenaiGateway = async (options: OpenaiGatewayOptions): Promise<OpenaiGateway> => {
  const core = plainCore(options);
  const upstreams = new Upstreams({ network: networkOf(() => true) });
  const surface = openaiAdapter({ serve: core.serve, upstreams, ...(options.body === undefined ? {} : { body: options.body }) });
  const listener = new Listener({
    surfaces: [surface],
    ready: () => true,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const port = await listener.listen(0, "127.0.0.1");
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    core,
    listener,
    close: async () => {
      await listener.drain(0);
      await upstreams.close();
    },
  };
};
