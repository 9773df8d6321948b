/** Directions: as what a request is read, once it is known which connection it is meant for. */

import type { ConnectionProtocol, Direction, PathOperation, SurfaceName } from "../envelope/call.ts";
import type { Fit } from "./route-table.ts";

/** The surface that reads requests for connections of a protocol, where the wire leaves the choice. */
const surfaceOf: Readonly<Record<ConnectionProtocol, SurfaceName>> = {
  openai: "openai",
  anthropic: "anthropic",
  rest: "rest",
  grpc: "rpc",
  connect: "rpc",
};

/** The protocols that a surface's adapter can forward to. The gateway's own service is translated to the OpenAI API. */
const served: Readonly<Record<SurfaceName, readonly ConnectionProtocol[]>> = {
  openai: ["openai"],
  anthropic: ["anthropic"],
  rest: ["rest"],
  rpc: ["grpc", "connect"],
  inference: ["openai"],
  oauth: [],
  approvals: [],
};

const noOperations: readonly PathOperation[] = [];

/** Clients of these APIs have `/v1` in their base URL, or do not: both mean the same. Azure's shape has a root of its own. */
const underV1 = (path: string): string => {
  if (path === "/v1" || path.startsWith("/v1/") || path.startsWith("/openai/deployments/")) return path;
  return path === "/" ? "/v1" : `/v1${path}`;
};

const apiPath = (protocol: ConnectionProtocol, path: string): string => {
  switch (protocol) {
    case "openai":
    case "anthropic":
      return underV1(path);
    case "rest":
    case "grpc":
    case "connect":
      return path;
  }
};

/** How requests that lead to a connection this way are read. `rpc`: the wire says that it is one. */
export const directionTo = ({ entry: { connection }, path }: Fit, rpc: boolean): Direction => ({
  surface: rpc ? "rpc" : surfaceOf[connection.protocol],
  path: apiPath(connection.protocol, path),
  operations: connection.operations ?? noOperations,
});

const sameOperation = (one: PathOperation, other: PathOperation | undefined): boolean =>
  one.method === other?.method &&
  one.template === other?.template &&
  one.operation.name === other?.operation.name &&
  one.operation.class === other?.operation.class;

/** Compares by value, because a reload in the middle of a call makes new objects that say the same. */
const sameOperations = (some: readonly PathOperation[], others: readonly PathOperation[]): boolean =>
  some === others || (some.length === others.length && some.every((one, at) => sameOperation(one, others[at])));

/** Whether a request that was read by `direction` may go to a connection: its protocol is one the surface serves, and it would be read the same for it. */
export const holdsFor = (direction: Direction, { entry: { connection }, path }: Fit): boolean =>
  served[direction.surface].includes(connection.protocol) &&
  (direction.surface === "inference" || direction.path === apiPath(connection.protocol, path)) &&
  sameOperations(direction.operations, connection.operations ?? noOperations);
