/** What the messages of RPC connections look like, loaded before the connections are in force. */

import { askUpstream, ConnectionMessages, type DescribedMethods, DescriptorsUnavailable } from "../adapters/rpc/index.ts";
import type { Http2Upstreams } from "../adapters/shared/upstream-http2.ts";
import { type ConfigError, type Loaded, refuse } from "./config/index.ts";
import { connectionsOf } from "./connections/index.ts";
import { undescribedMethods } from "./described-methods.ts";
import type { Connection } from "./envelope/call.ts";

const unavailable = ({ config, places }: Loaded, { connection, message }: DescriptorsUnavailable): ConfigError => {
  const index = config.connections.findIndex(({ name }) => name === connection);
  return refuse(places, [{ path: ["connections", index, "descriptors"], message }]);
};

/** Runs a load with the check that belongs to it, and tells what it could not be done for at its place. */
const loading = async (
  loaded: Loaded,
  connections: readonly Connection[],
  load: (check: (described: DescribedMethods) => void) => Promise<void>,
): Promise<void> => {
  try {
    await load((described) => {
      const findings = undescribedMethods(described, loaded.config.policies, connections);
      if (findings.length > 0) throw refuse(loaded.places, findings);
    });
  } catch (thrown) {
    throw thrown instanceof DescriptorsUnavailable ? unavailable(loaded, thrown) : thrown;
  }
};

/**
 * Loads what a configuration's connections need; what is in force already is kept.
 * @throws ConfigError at the descriptors that cannot be had, and at methods that policies must read and none has; what was loaded before stays.
 */
export const prepareDescriptors = (messages: ConnectionMessages, loaded: Loaded): Promise<void> => {
  const connections = connectionsOf(loaded.config.connections);
  return loading(loaded, connections, (check) => messages.prepare(connections, check));
};

/** Makes sure that {@link prepareDescriptors} would do, and changes nothing. */
export const rehearseDescriptors = (messages: ConnectionMessages, loaded: Loaded): Promise<void> => {
  const connections = connectionsOf(loaded.config.connections);
  return loading(loaded, connections, (check) => messages.rehearse(connections, check));
};

/** Starts with the descriptors of the connections that there are. Rejects as {@link prepareDescriptors} does. */
export const startDescriptors = async (loaded: Loaded, upstreams: Http2Upstreams): Promise<ConnectionMessages> => {
  const messages = new ConnectionMessages(askUpstream(upstreams));
  await prepareDescriptors(messages, loaded);
  return messages;
};

const nobody = (): Promise<never> => Promise.reject(new Error("a check asks no upstream"));

/**
 * Loads what can be had without asking an upstream, and forgets it: for a check of the file. Rejects as {@link prepareDescriptors} does; what an upstream
 * would tell of its methods it cannot know.
 */
export const checkDescriptors = (loaded: Loaded): Promise<void> => {
  const connections = connectionsOf(loaded.config.connections);
  const known = connections.filter(({ descriptors }) => descriptors?.source.kind !== "reflection");
  const policies = known.length === connections.length ? loaded.config.policies : [];
  const messages = new ConnectionMessages(nobody);
  return loading({ ...loaded, config: { ...loaded.config, policies } }, known, (check) => messages.prepare(known, check));
};
