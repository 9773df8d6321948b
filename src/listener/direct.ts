/** Which surface a request goes to. The listener asks; whoever puts the gateway together answers out of its connections. */

import type { RouteHints } from "../envelope/call.ts";
import type { Direction } from "../envelope/surface.ts";
import { speaksRpc, type WireFacts } from "../envelope/wire.ts";

/** Chooses the surface; it may throw the GatewayError that says why none fits. */
export type Direct = (route: RouteHints, facts: WireFacts) => Direction;

/** The choice by what the head itself shows: for a listener that nobody told of connections. */
export const directByShape: Direct = (route, facts) => {
  const common = { path: route.path, operations: [] };
  if (speaksRpc(facts)) return { ...common, surface: "rpc" };
  if (route.shape === undefined) return { ...common, surface: "rest" };
  return { ...common, surface: route.shape === "anthropic" ? "anthropic" : "openai" };
};
