/** A call as its head tells it, and what the configuration knows of its messages. */

import type { Connection, RouteHints } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Serve } from "../../src/envelope/exchange.ts";
import type { Head } from "../../src/envelope/surface.ts";
import type { Leaving } from "../shared/leaving.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import type { Http2Upstreams } from "../shared/upstream-http2.ts";
import type { ConnectionMessages, MessageEncoding, MethodMessages } from "./messages/index.ts";
import { type RpcMethod, readRpcPath } from "./operations.ts";
import { isReadable } from "./wire/message-coding.ts";

export interface RpcLimits {
  /** Bytes of one message that the gateway reads, as it came and inflated. What it does not read it does not hold, so it does not limit it either. */
  readonly messageBytes: number;
  /** Milliseconds within which the messages must have arrived that are read before a call goes on. */
  readonly readTime: number;
}

/** 4 MiB is what gRPC's own implementations take unless they are told otherwise; 30 s are what every body gets. */
export const defaultRpcLimits: RpcLimits = { messageBytes: 4 * 1024 * 1024, readTime: 30_000 };

export interface RpcOptions {
  readonly serve: Serve;
  /** Upstreams of gRPC, and of gRPC-Web and Connect where the connection says HTTP/2. */
  readonly http2: Http2Upstreams;
  /** Upstreams of gRPC-Web and Connect over HTTP/1.1. */
  readonly upstreams: Upstreams;
  /** The descriptors of connections. */
  readonly messages: Pick<ConnectionMessages, "method">;
  /** The connection that a call's head leads to as far as configuration tells; by its descriptors the request is read. */
  readonly meant: (route: RouteHints) => Connection | undefined;
  readonly limits?: Partial<RpcLimits>;
}

/** The options with every default in its place. */
export interface RpcSettings extends Omit<RpcOptions, "limits"> {
  readonly limits: RpcLimits;
}

/** The name under which the record knows this adapter. */
export const surfaceName = "rpc";

/** A call on its way through this adapter. */
export interface RpcCall {
  readonly head: Head;
  readonly called: RpcMethod;
  /** The name of the connection that the head leads to. */
  readonly meant: string | undefined;
  /** How the request's messages are read; undefined: nobody can read them. */
  readonly method: MethodMessages | undefined;
  /** Why nobody can read them where descriptors are given: they do not name the method, or the request's codec or coding is not known here. */
  readonly unread: "method" | "codec" | "coding" | undefined;
  readonly encoding: MessageEncoding | undefined;
  readonly settings: RpcSettings;
  readonly leaving: Leaving;
  /** When the caller's own deadline is, milliseconds since the epoch; undefined: it gave none. */
  readonly deadline: number | undefined;
}

/** How a request says its messages are written. */
export interface Writing {
  /** undefined: by a codec that is not known here. */
  readonly encoding: MessageEncoding | undefined;
  readonly coding: string | undefined;
}

const whyUnread = (method: MethodMessages | undefined, { encoding, coding }: Writing): RpcCall["unread"] => {
  if (method === undefined) return "method";
  if (encoding === undefined) return "codec";
  return isReadable(coding) ? undefined : "coding";
};

export interface CallReading extends Writing {
  readonly leaving: Leaving;
  readonly settings: RpcSettings;
  /** Milliseconds that the caller gave the call; undefined: it gave none. */
  readonly within: number | undefined;
}

/** Reads what the head says. Throws `operation_unsupported` for a path that names no method. */
export const readCall = (head: Head, reading: CallReading): RpcCall => {
  const { leaving, settings, within, encoding } = reading;
  const called = readRpcPath(head.direction.path);
  const connection = settings.meant(head.route);
  const described = connection?.descriptors === undefined ? undefined : connection;
  const method = described && settings.messages.method(described, called.service, called.method);
  const unread = described && whyUnread(method, reading);
  const deadline = within === undefined ? undefined : head.receivedAt + within;
  return { head, called, meant: connection?.name, method, unread, encoding, settings, leaving, deadline };
};

/** Milliseconds beyond the caller's deadline that an upstream has to say itself that it has passed: it was told of it, and knows more. */
const graceMs = 200;

/** For how long a call may go on upstream, milliseconds. */
export const untilStopped = (within: number | undefined): number | undefined => (within === undefined ? undefined : within + graceMs);

/** Milliseconds until the caller's deadline; undefined where it gave none. Throws `upstream_timeout` once it has passed. */
export const remaining = ({ deadline }: RpcCall): number | undefined => {
  if (deadline === undefined) return undefined;
  const left = deadline - Date.now();
  if (left <= 0) throw new GatewayError("upstream_timeout");
  return left;
};

/**
 * How the answer's messages are read on the connection that the core has chosen. The request has been read by the descriptors of the connection that its
 * head leads to: where the two would read it differently it goes nowhere. Throws `request_invalid`, or `upstream_unavailable` where a reload came in between.
 */
export const methodOn = ({ called, meant, method, settings }: RpcCall, connection: Connection): MethodMessages | undefined => {
  if (settings.messages.method(connection, called.service, called.method) === method) return method;
  if (connection.name === meant)
    throw new GatewayError("upstream_unavailable", undefined, { note: "descriptors changed while it was read" });
  throw new GatewayError("request_invalid", "More than one connection fits; name one in the metadata weir-connection.");
};
