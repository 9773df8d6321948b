/** The steps of ARCHITECTURE.md 1.3 behind the reserved paths, each a look-up. */

import type { ConnectionProtocol, RouteHints } from "../envelope/call.ts";
import type { Entry } from "./entry.ts";

/** A connection that fits within a step, and the path of the request behind the prefix by which it does. */
export interface Fit {
  readonly entry: Entry;
  readonly path: string;
}

/** The steps in their order. */
export const steps = ["connection", "host", "service", "shape", "path"] as const;
export type Step = (typeof steps)[number];

/** Every path below it is the gateway's own service. */
const inferenceRoot = "/weir.v1.InferenceService/";

/** Whether a path is one of the gateway's own service, which is translated. */
export const isInference = (path: string): boolean => path.startsWith(inferenceRoot);

/** Which protocol's connections answer a shape of path; the gateway's own service is translated to OpenAI's. */
const protocolOf = ({ shape, path }: RouteHints): ConnectionProtocol | undefined => {
  if (isInference(path)) return "openai";
  switch (shape) {
    case "openai":
    case "azure":
      return "openai";
    case "anthropic":
      return "anthropic";
    case undefined:
      return undefined;
  }
};

type Index<Key> = ReadonlyMap<Key, readonly Entry[]>;

const indexBy = <Key>(entries: Iterable<Entry>, keysOf: (entry: Entry) => Iterable<Key>): Index<Key> => {
  const index = new Map<Key, Entry[]>();
  for (const entry of entries) {
    for (const key of new Set(keysOf(entry))) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [entry]);
      else known.push(entry);
    }
  }
  return index;
};

const segmentsOf = (path: string): number => path.split("/").length - 1;

const none: readonly Entry[] = [];
const noFits: readonly Fit[] = [];

/** A set of connections, indexed. The order within a step is the order of configuration, but for paths: there the longest prefix comes first. */
export class RouteTable {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly #hosts: Index<string>;
  readonly #services: Index<string>;
  readonly #protocols: Index<ConnectionProtocol>;
  readonly #prefixes: Index<string>;
  /** Segments of the longest prefix: a path is looked at no further. */
  readonly #depth: number;

  constructor(entries: readonly Entry[]) {
    this.entries = new Map(entries.map((entry) => [entry.connection.name, entry]));
    this.#hosts = indexBy(entries, ({ hosts }) => hosts);
    this.#services = indexBy(entries, ({ services }) => services);
    this.#protocols = indexBy(entries, ({ connection }) => [connection.protocol]);
    this.#prefixes = indexBy(entries, ({ prefixes }) => prefixes);
    this.#depth = Math.max(0, ...[...this.#prefixes.keys()].map(segmentsOf));
  }

  /** The connections that fit within a step. */
  fits(step: Step, route: RouteHints): readonly Fit[] {
    switch (step) {
      case "connection":
        return this.#whole(this.#named(route.connection), route);
      case "host":
        return this.#whole(this.#hosts.get(route.host), route);
      case "service":
        return this.#whole(route.service === undefined ? none : this.#services.get(route.service), route);
      case "shape":
        return this.#whole(this.#speaking(protocolOf(route)), route);
      case "path":
        return isInference(route.path) ? noFits : this.#below(route.path);
    }
  }

  #named(name: string | undefined): readonly Entry[] {
    const entry = name === undefined ? undefined : this.entries.get(name);
    return entry === undefined ? none : [entry];
  }

  #speaking(protocol: ConnectionProtocol | undefined): readonly Entry[] | undefined {
    return protocol === undefined ? none : this.#protocols.get(protocol);
  }

  #whole(entries: readonly Entry[] = none, { path }: RouteHints): readonly Fit[] {
    return entries.length === 0 ? noFits : entries.map((entry) => ({ entry, path }));
  }

  /** A connection of several prefixes fits once, by its longest. */
  #below(path: string): readonly Fit[] {
    const found = new Map<Entry, Fit>();
    for (const prefix of this.#prefixesOf(path)) {
      const rest = path.slice(prefix.length);
      for (const entry of this.#prefixes.get(prefix) ?? none) {
        if (!found.has(entry)) found.set(entry, { entry, path: rest === "" ? "/" : rest });
      }
    }
    return [...found.values()];
  }

  /** Whole segments of a path from its root, the longest first. */
  #prefixesOf(path: string): readonly string[] {
    const prefixes: string[] = [];
    let end = path.indexOf("/", 1);
    while (end > 0 && prefixes.length < this.#depth) {
      prefixes.push(path.slice(0, end));
      end = path.indexOf("/", end + 1);
    }
    if (prefixes.length < this.#depth) prefixes.push(path);
    return prefixes.reverse();
  }
}
