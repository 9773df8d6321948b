/** The connections in force, and which of them a call is for (ARCHITECTURE.md 1.3). */

import type { Connections } from "../enforcement/ports.ts";
import type { Connection, ConnectionProtocol, RouteHints } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import { compileGlob } from "./glob.ts";
import type { ConnectionSettings } from "./settings.ts";

type Shape = NonNullable<RouteHints["shape"]>;
type Usable = (connection: string) => boolean;

/** One connection as the steps look at it. */
interface Entry {
  readonly connection: Connection;
  readonly hosts: ReadonlySet<string>;
  /** Prefixes that lead here, its own name among them. */
  readonly paths: readonly string[];
  /** undefined: it names no models of its own. */
  readonly serves: ((model: string) => boolean) | undefined;
}

/** Which protocol's connections answer a shape of path. */
const protocolOf: Readonly<Record<Shape, ConnectionProtocol>> = { openai: "openai", azure: "openai", anthropic: "anthropic" };

const compileModels = (globs: readonly string[]): ((model: string) => boolean) => {
  const compiled = globs.map(compileGlob);
  return (model) => compiled.some((fits) => fits(model));
};

/** INVARIANT: the only place where a connection's credential is opened. */
const unsealed = ({ credential }: ConnectionSettings): Connection["credential"] =>
  credential === undefined ? undefined : { header: credential.header, value: credential.value.reveal() };

const entryOf = (settings: ConnectionSettings): Entry => {
  const { name, revision, protocol, upstream, http, timeouts, route, anonymous } = settings;
  return {
    connection: Object.freeze({ name, revision, protocol, upstream, http, timeouts, anonymous, credential: unsealed(settings) }),
    hosts: new Set(route.hosts),
    paths: [...route.paths, `/${name}`],
    serves: route.models === undefined ? undefined : compileModels(route.models),
  };
};

const leadsTo = (entry: Entry, path: string): boolean => entry.paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));

const unknown = (): GatewayError => new GatewayError("target_unknown");

/** The one that fits within a step, if any. Throws `request_invalid` for two. */
const only = (fitting: readonly Entry[]): Entry | undefined => {
  if (fitting.length > 1) {
    throw new GatewayError("request_invalid", "More than one connection fits; name one in the header weir-connection.");
  }
  return fitting[0];
};

/** The connection whose own models fit, else the one that names none, else the only one. */
const byModel = (entries: readonly Entry[], model: string | undefined): Entry | undefined => {
  const named = model === undefined ? undefined : only(entries.filter(({ serves }) => serves?.(model) === true));
  if (named !== undefined) return named;
  return only(entries.filter(({ serves }) => serves === undefined)) ?? (entries.length === 1 ? entries[0] : undefined);
};

const frozenMap = (settings: readonly ConnectionSettings[]): ReadonlyMap<string, Entry> =>
  new Map(settings.map((each) => [each.name, entryOf(each)]));

export class ConnectionRegistry implements Connections {
  #entries: ReadonlyMap<string, Entry>;

  constructor(settings: readonly ConnectionSettings[]) {
    this.#entries = frozenMap(settings);
  }

  /** Takes a new set at once; calls that have their connection already keep it. */
  update(settings: readonly ConnectionSettings[]): void {
    this.#entries = frozenMap(settings);
  }

  /** The names of all connections: the only ones that metrics may bear. */
  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  resolve(hints: RouteHints, model: string | undefined, usable: Usable): Connection {
    const { connection, host, path, shape } = hints;
    if (connection !== undefined) return this.#named(connection, shape, usable).connection;
    const entries = this.#usable(shape, usable);
    const found =
      only(entries.filter(({ hosts }) => hosts.has(host))) ??
      (shape === undefined ? undefined : byModel(entries, model)) ??
      only(entries.filter((entry) => leadsTo(entry, path)));
    if (found === undefined) throw unknown();
    return found.connection;
  }

  resolveAll(hints: RouteHints, usable: Usable): readonly [Connection, ...Connection[]] {
    const { connection, host, shape } = hints;
    if (connection !== undefined) return [this.#named(connection, shape, usable).connection];
    const entries = this.#usable(shape, usable);
    const atHost = entries.filter(({ hosts }) => hosts.has(host));
    const [first, ...more] = (atHost.length > 0 ? atHost : entries).map((entry) => entry.connection);
    if (first === undefined) throw unknown();
    return [first, ...more];
  }

  /** What the caller named, and nothing else in its stead. */
  #named(name: string, shape: Shape | undefined, usable: Usable): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined || !usable(name) || !speaks(entry, shape)) throw unknown();
    return entry;
  }

  #usable(shape: Shape | undefined, usable: Usable): readonly Entry[] {
    const entries: Entry[] = [];
    for (const entry of this.#entries.values()) if (speaks(entry, shape) && usable(entry.connection.name)) entries.push(entry);
    return entries;
  }
}

const speaks = ({ connection }: Entry, shape: Shape | undefined): boolean =>
  shape === undefined || connection.protocol === protocolOf[shape];
