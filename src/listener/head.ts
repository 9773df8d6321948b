/** Reads a request's head once: what is wrong with it is known before anybody acts on it. */

import type { IncomingMessage } from "node:http";
import type { RouteHints } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Head } from "../envelope/surface.ts";
import { type HeaderValues, presentedCredentials } from "./credentials.ts";
import { readTarget } from "./target.ts";

/** The few headers that the gateway acts on itself. */
const read = new Set(["authorization", "api-key", "x-api-key", "host", "weir-connection", "anthropic-version"]);

const headerValues = (rawHeaders: readonly string[]): HeaderValues => {
  const values = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!read.has(name)) continue;
    const known = values.get(name);
    if (known === undefined) values.set(name, [rawHeaders[at + 1] ?? ""]);
    else known.push(rawHeaders[at + 1] ?? "");
  }
  return values;
};

const only = (headers: HeaderValues, name: string): string | undefined => {
  const [value, second] = headers.get(name) ?? [];
  if (second !== undefined) throw new GatewayError("request_invalid", `The header ${name} was sent twice.`);
  return value;
};

/** RFC 9110 section 7.2: host and optional port; brackets around an IPv6 address. */
const hostHeader = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

const readHost = (headers: HeaderValues): string => {
  const host = hostHeader.exec(only(headers, "host") ?? "")?.[1];
  if (host === undefined) throw new GatewayError("request_invalid", "The Host header is missing or not valid.");
  return host.toLowerCase();
};

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** ARCHITECTURE.md 1.3: the shape of a well-known API, told by the path and, for Anthropic's, by its own header. */
const shapeOf = (path: string, headers: HeaderValues): RouteHints["shape"] => {
  if (path.startsWith("/openai/deployments/")) return "azure";
  if (!path.startsWith("/v1/")) return undefined;
  return isBelow(path, "/v1/messages") || headers.has("anthropic-version") ? "anthropic" : "openai";
};

/** The surface that an ill-formed head was probably meant for, so that its error can be read there. */
export const probableShape = (url: string | undefined): RouteHints["shape"] => (url?.startsWith("/v1/") === true ? "openai" : undefined);

/** A request's head, read. `id` and `receivedAt` are given, because a head that cannot be read is answered under them too. Throws GatewayError. */
export const readHead = (request: IncomingMessage, id: string, receivedAt: number): Head => {
  const headers = headerValues(request.rawHeaders);
  const { path, query } = readTarget(request.url ?? "");
  const host = readHost(headers);
  return {
    id,
    receivedAt,
    method: request.method ?? "",
    remoteAddress: request.socket.remoteAddress ?? "",
    query,
    route: { connection: only(headers, "weir-connection"), host, path, shape: shapeOf(path, headers) },
    credentials: presentedCredentials(headers),
  };
};
