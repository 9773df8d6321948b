/** Which surface a request goes to. The listener asks; whoever puts the gateway together answers out of its connections. */

import type { RouteHints } from "../envelope/call.ts";
import type { Direction } from "../envelope/surface.ts";

/** What a head tells of the API that is spoken, besides where it wants to go. */
export interface HeadFacts {
  readonly method: string;
  /** The request's media type, lower case and without parameters; undefined when it has none. */
  readonly mediaType: string | undefined;
  /** Whether `connect-protocol-version` was sent (Connect protocol, "Unary-Request"). */
  readonly connect: boolean;
  /** What follows `?` in the target, as it came: a Connect GET says `connect=v1` there. */
  readonly query: string;
}

/** Chooses the surface; it may throw the GatewayError that says why none fits. */
export type Direct = (route: RouteHints, facts: HeadFacts) => Direction;

/** gRPC, gRPC-Web and the streams of Connect have media types of their own. */
const rpcMediaType = /^application\/(?:grpc|connect\+)/;

/** The choice by what the head itself shows: for a listener that nobody told of connections. */
export const directByShape: Direct = (route, { mediaType, connect }) => {
  const common = { path: route.path, operations: [] };
  if (connect || (mediaType !== undefined && rpcMediaType.test(mediaType))) return { ...common, surface: "rpc" };
  if (route.shape === undefined) return { ...common, surface: "rest" };
  return { ...common, surface: route.shape === "anthropic" ? "anthropic" : "openai" };
};
