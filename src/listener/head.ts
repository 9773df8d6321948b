/** Reads a request's head once: what is wrong with it is known before anybody acts on it. */

import type { PresentedCredential, RouteHints } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import { prefersNotToWait } from "../envelope/preference.ts";
import type { Head, SurfaceName } from "../envelope/surface.ts";
import type { WireFacts } from "../envelope/wire.ts";
import { type HeaderValues, presentedCredentials } from "./credentials.ts";
import { type Direct, directByShape } from "./direct.ts";
import { readTarget } from "./target.ts";

/** Who is at the other end of a connection. */
export interface Peer {
  /** The address, without port. */
  readonly remoteAddress: string;
  /** What the peer's client certificate shows; undefined when it has none. */
  readonly certificate: PresentedCredential | undefined;
}

/** A request's head as a server parsed it, before anybody has read a meaning into it. */
export interface RawHead {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn as they came, over HTTP/2 the pseudo-headers among them. */
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
}

/** The few headers that the gateway acts on itself. */
const read = new Set([
  ...["authorization", "api-key", "x-api-key", "host", ":authority", "weir-connection", "anthropic-version"],
  ...["content-type", "connect-protocol-version", "expect", "prefer"],
]);

/** The headers of {@link read}, whichever came. */
export const headerValues = (rawHeaders: readonly string[]): HeaderValues => {
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

/** RFC 9110 section 8.3.1: type and subtype, before any parameter. */
const mediaTypeOf = (headers: HeaderValues): string | undefined => headers.get("content-type")?.[0]?.split(";", 1)[0]?.trim().toLowerCase();

/** What a head tells at first sight; nothing in it can be wrong yet. */
export const factsOf = ({ method, target }: Pick<RawHead, "method" | "target">, headers: HeaderValues): WireFacts => {
  const mark = target.indexOf("?");
  return {
    method,
    mediaType: mediaTypeOf(headers),
    connect: headers.has("connect-protocol-version"),
    query: mark < 0 ? "" : target.slice(mark + 1),
  };
};

/** RFC 9110 section 7.2: host and optional port; brackets around an IPv6 address. */
const hostHeader = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** RFC 9113 section 8.3.1: `:authority` is HTTP/2's host; a Host header beside it must say the same. */
const authorityOf = (headers: HeaderValues): string | undefined => {
  const host = only(headers, "host");
  const authority = only(headers, ":authority");
  if (host !== undefined && authority !== undefined && host.toLowerCase() !== authority.toLowerCase()) {
    throw new GatewayError("request_invalid", "The Host header is not the authority.");
  }
  return authority ?? host;
};

const readHost = (headers: HeaderValues): string => {
  const host = hostHeader.exec(authorityOf(headers) ?? "")?.[1];
  if (host === undefined) throw new GatewayError("request_invalid", "The Host header is missing or not valid.");
  return host.toLowerCase();
};

/** RFC 9110 section 10.1.1 knows one expectation. Whoever reads the body meets it (adapters/shared/request-body.ts). */
const checkExpectation = (headers: HeaderValues): void => {
  const expectation = only(headers, "expect")?.toLowerCase();
  if (expectation === undefined || expectation === "100-continue") return;
  throw new GatewayError("request_invalid", "The only expectation supported is 100-continue.");
};

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** ARCHITECTURE.md 1.3: the shape of a well-known API, told by the path and, for Anthropic's, by its own header. */
const shapeOf = (path: string, headers: HeaderValues): RouteHints["shape"] => {
  if (path.startsWith("/openai/deployments/")) return "azure";
  if (!path.startsWith("/v1/")) return undefined;
  return isBelow(path, "/v1/messages") || headers.has("anthropic-version") ? "anthropic" : "openai";
};

/** `/package.Service/Method`, and no longer path: behind a prefix a service is not how a request is routed. */
const rpcPath = /^\/([A-Za-z_][A-Za-z0-9_.]*)\/[A-Za-z_][A-Za-z0-9_]*$/;

const routeOf = (path: string, headers: HeaderValues): RouteHints => ({
  connection: only(headers, "weir-connection"),
  host: readHost(headers),
  path,
  service: rpcPath.exec(path)?.[1],
  shape: shapeOf(path, headers),
});

/** The surface that a head was probably meant for when it cannot be read, so that its error can be. */
export const probableSurface = (target: string | undefined, facts: WireFacts | undefined): SurfaceName => {
  const route = { connection: undefined, host: "", path: "/", shape: target?.startsWith("/v1/") === true ? "openai" : undefined } as const;
  return directByShape(route, facts ?? { method: "", mediaType: undefined, connect: false, query: "" }).surface;
};

export interface Reading {
  /** Given, because a head that cannot be read is answered under them too. */
  readonly id: string;
  readonly receivedAt: number;
  readonly headers: HeaderValues;
  readonly facts: WireFacts;
  readonly direct: Direct;
}

/** A request's head, read. Throws GatewayError. */
export const readHead = ({ method, target, peer }: RawHead, { id, receivedAt, headers, facts, direct }: Reading): Head => {
  const { path, query } = readTarget(target);
  only(headers, "content-type");
  checkExpectation(headers);
  const route = routeOf(path, headers);
  const shown = presentedCredentials(headers);
  return {
    id,
    receivedAt,
    method,
    remoteAddress: peer.remoteAddress,
    query,
    route,
    direction: direct(route, facts),
    prefersNotToWait: prefersNotToWait(headers.get("prefer") ?? []),
    credentials: peer.certificate === undefined ? shown : [...shown, peer.certificate],
  };
};
