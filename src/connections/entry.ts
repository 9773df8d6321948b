/** One connection as the steps of routing look at it. */

import type { Connection } from "../envelope/call.ts";
import { compileGlob } from "./glob.ts";
import type { ConnectionSettings } from "./settings.ts";

export interface Entry {
  readonly connection: Connection;
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  /** Prefixes that lead here, its own name among them. */
  readonly prefixes: readonly string[];
  /** undefined: it names no models of its own. */
  readonly serves: ((model: string) => boolean) | undefined;
}

const compileModels = (globs: readonly string[]): ((model: string) => boolean) => {
  const compiled = globs.map(compileGlob);
  return (model) => compiled.some((fits) => fits(model));
};

/** INVARIANT: the only place where a connection's credential is opened. */
const unsealed = ({ credential }: ConnectionSettings): Connection["credential"] =>
  credential === undefined ? undefined : { header: credential.header, value: credential.value.reveal() };

const connectionOf = (settings: ConnectionSettings): Connection => {
  const { name, revision, protocol, upstream, http, timeouts, descriptors, operations, anonymous } = settings;
  const credential = unsealed(settings);
  return Object.freeze({ name, revision, protocol, upstream, http, timeouts, descriptors, operations, anonymous, credential });
};

/** Prepares a connection for routing, its credential opened. */
export const entryOf = (settings: ConnectionSettings): Entry => {
  const { hosts, services, paths, models } = settings.route;
  return {
    connection: connectionOf(settings),
    hosts,
    services,
    prefixes: [...paths, `/${settings.name}`],
    serves: models === undefined ? undefined : compileModels(models),
  };
};
