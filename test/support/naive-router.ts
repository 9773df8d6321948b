/** ARCHITECTURE.md 1.3 as plainly as it can be written: lists, filtered one step after the other. What the registry's look-ups are compared with. */

import type { ConnectionSettings } from "../../src/connections/index.ts";
import type { Routed } from "../../src/enforcement/ports.ts";
import type { ConnectionProtocol, Direction, RouteHints, SurfaceName } from "../../src/envelope/call.ts";

/** A connection with the path that its API would see. */
interface Candidate {
  readonly connection: ConnectionSettings;
  readonly path: string;
}

const surfaces: Readonly<Record<SurfaceName, readonly ConnectionProtocol[]>> = {
  openai: ["openai"],
  anthropic: ["anthropic"],
  rest: ["rest"],
  rpc: ["grpc", "connect"],
  inference: ["openai"],
  oauth: [],
  approvals: [],
};

const own = "/weir.v1.InferenceService/";

/** The path that a connection's API would see, of what is left of a request's. */
const seen = ({ protocol }: ConnectionSettings, left: string): string => {
  if (protocol !== "openai" && protocol !== "anthropic") return left;
  if (/^\/v1(\/|$)/.test(left) || left.startsWith("/openai/deployments/")) return left;
  return left === "/" ? "/v1" : `/v1${left}`;
};

const longestPrefix = ({ name, route }: ConnectionSettings, path: string): string | undefined =>
  [...route.paths, `/${name}`].filter((prefix) => `${path}/`.startsWith(`${prefix}/`)).sort((a, b) => b.length - a.length)[0];

const shapeProtocol = ({ shape, path }: RouteHints): ConnectionProtocol | undefined => {
  if (path.startsWith(own)) return "openai";
  return shape === "anthropic" ? "anthropic" : shape === undefined ? undefined : "openai";
};

interface NaiveStep {
  readonly name: "connection" | "host" | "service" | "shape" | "path";
  readonly fitting: readonly Candidate[];
}

/** Every step with what fits in it; a step that the caller's own word forecloses is not among them. */
const stepsOf = (connections: readonly ConnectionSettings[], route: RouteHints): readonly NaiveStep[] => {
  const whole = (fits: (connection: ConnectionSettings) => boolean): readonly Candidate[] =>
    connections.filter(fits).map((connection) => ({ connection, path: seen(connection, route.path) }));
  if (route.connection !== undefined) return [{ name: "connection", fitting: whole(({ name }) => name === route.connection) }];
  const prefixed = connections
    .flatMap((connection) => {
      const prefix = longestPrefix(connection, route.path);
      return prefix === undefined ? [] : [{ connection, prefix, path: seen(connection, route.path.slice(prefix.length) || "/") }];
    })
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return [
    { name: "host", fitting: whole(({ route: { hosts } }) => hosts.includes(route.host)) },
    { name: "service", fitting: whole(({ route: { services } }) => route.service !== undefined && services.includes(route.service)) },
    { name: "shape", fitting: whole(({ protocol }) => protocol === shapeProtocol(route)) },
    { name: "path", fitting: route.path.startsWith(own) ? [] : prefixed },
  ];
};

const operationsOf = ({ operations = [] }: ConnectionSettings) => operations;

export const naiveDirection = (connections: readonly ConnectionSettings[], route: RouteHints, rpc: boolean): Direction => {
  if (route.path.startsWith(own)) return { surface: "inference", path: route.path, operations: [] };
  const [first] = stepsOf(connections, route).flatMap(({ fitting }) => fitting.slice(0, 1));
  if (first === undefined) {
    const surface = rpc ? "rpc" : route.shape === "azure" ? "openai" : (route.shape ?? "rest");
    return { surface, path: route.path, operations: [] };
  }
  const { protocol } = first.connection;
  const surface = rpc || protocol === "grpc" || protocol === "connect" ? "rpc" : protocol;
  return { surface, path: first.path, operations: operationsOf(first.connection) };
};

/** Whether a direction is the one of this connection. */
export const isDirectionOf = (direction: Direction, { connection, path }: Candidate): boolean =>
  surfaces[direction.surface].includes(connection.protocol) &&
  (direction.surface === "inference" || direction.path === path) &&
  JSON.stringify(direction.operations) === JSON.stringify(operationsOf(connection));

/** Every way in which a request's path may be read for a connection. */
export const readingsFor = (connection: ConnectionSettings, { path }: RouteHints): readonly Candidate[] => {
  const prefix = longestPrefix(connection, path);
  const lefts = prefix === undefined ? [path] : [path, path.slice(prefix.length) || "/"];
  return lefts.map((left) => ({ connection, path: seen(connection, left) }));
};

const fitsModel = (glob: string, model: string): boolean =>
  new RegExp(`^${glob.replace(/[.?+^$()[\]{}|\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(model);

const byModel = (fitting: readonly Candidate[], model: string | undefined): readonly Candidate[] => {
  const named = fitting.filter(({ connection }) => connection.route.models?.some((glob) => model !== undefined && fitsModel(glob, model)));
  if (named.length > 0) return named;
  const unnamed = fitting.filter(({ connection }) => connection.route.models === undefined);
  if (unnamed.length > 0) return unnamed;
  return fitting.length === 1 ? fitting : [];
};

/** The name of the connection that a call is for, or why there is none. */
export const naiveTarget = (
  connections: readonly ConnectionSettings[],
  { route, direction }: Routed,
  caller: { readonly model: string | undefined; readonly usable: (name: string) => boolean },
): string => {
  const usable = connections.filter(({ name }) => caller.usable(name));
  for (const { name, fitting } of stepsOf(usable, route)) {
    const [first, second] = name === "shape" ? byModel(fitting, caller.model) : fitting;
    if (second !== undefined) return "request_invalid";
    if (first !== undefined) return isDirectionOf(direction, first) ? first.connection.name : "target_unknown";
  }
  return "target_unknown";
};
