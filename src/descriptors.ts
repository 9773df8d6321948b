/** What the messages of RPC connections look like, loaded before the connections are in force. */

import { askUpstream, ConnectionMessages, DescriptorsUnavailable } from "../adapters/rpc/index.ts";
import type { Http2Upstreams } from "../adapters/shared/upstream-http2.ts";
import { type Loaded, refuse } from "./config/index.ts";
import { connectionsOf } from "./connections/index.ts";
import type { Connection } from "./envelope/call.ts";

type Messages = Pick<ConnectionMessages, "prepare">;

const prepare = async (messages: Messages, connections: readonly Connection[], { config, places }: Loaded): Promise<void> => {
  try {
    await messages.prepare(connections);
  } catch (thrown) {
    if (!(thrown instanceof DescriptorsUnavailable)) throw thrown;
    const index = config.connections.findIndex(({ name }) => name === thrown.connection);
    throw refuse(places, [{ path: ["connections", index, "descriptors"], message: thrown.message }]);
  }
};

/**
 * Loads what a configuration's connections need; what is in force already is kept.
 * @throws ConfigError at the descriptors that cannot be had; what was loaded before stays.
 */
export const prepareDescriptors = (messages: Messages, loaded: Loaded): Promise<void> =>
  prepare(messages, connectionsOf(loaded.config.connections), loaded);

/** Starts with the descriptors of the connections that there are. Rejects as {@link prepareDescriptors} does. */
export const startDescriptors = async (loaded: Loaded, upstreams: Http2Upstreams): Promise<ConnectionMessages> => {
  const messages = new ConnectionMessages(askUpstream(upstreams));
  await prepareDescriptors(messages, loaded);
  return messages;
};

const nobody = (): Promise<never> => Promise.reject(new Error("a check asks no upstream"));

/** Loads what can be had without asking an upstream, and forgets it: for a check of the file. Rejects as {@link prepareDescriptors} does. */
export const checkDescriptors = (loaded: Loaded): Promise<void> => {
  const connections = connectionsOf(loaded.config.connections).filter(({ descriptors }) => descriptors?.source.kind !== "reflection");
  return prepare(new ConnectionMessages(nobody), connections, loaded);
};
