/** Sends an order upstream and reads what comes back. */

import type { Connection } from "../../src/envelope/call.ts";
import type { Order } from "../../src/envelope/exchange.ts";
import type { Leaving } from "../shared/leaving.ts";
import { cappedRequest, type OutputFields, outputFields } from "../shared/output-cap.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { type RestAnswer, readAnswer } from "./answer.ts";
import { headersOf, passingRequestHeaders } from "./headers.ts";
import { locationFor } from "./location.ts";
import { kindOf } from "./media.ts";
import { bodyOf, joinParts, type RestMessage } from "./message.ts";
import type { RestOperation } from "./operations.ts";
import { checkPath } from "./path.ts";

/** The call as it goes on: what the caller's head allows to be sent. */
export interface Forwarding {
  readonly upstreams: Upstreams;
  readonly operation: RestOperation;
  readonly method: string;
  /** Canonical, behind the route's prefix. */
  readonly path: string;
  /** What was taken off the path. */
  readonly prefix: string;
  readonly contentType: string | undefined;
  /** The caller's headers, names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly leaving: Leaving;
}

/** What is appended to the upstream's URL. Nothing is where the route's own path was asked for, unless the URL has no path either. */
const targetOf = (path: string, message: RestMessage, upstream: string): string => {
  const query = String(joinParts(message.query));
  const target = path === "" && new URL(upstream).pathname === "/" ? "/" : path;
  return query === "" ? target : `${target}?${query}`;
};

/** The dialect's own media type where it chose how the body was read: what was checked as JSON is sent as JSON. */
const contentTypeOf = ({ operation, contentType }: Forwarding, message: RestMessage): string | undefined => {
  if (message.body.length === 0) return undefined;
  if (message.envelope !== undefined) return "application/octet-stream";
  return operation.body === undefined ? contentType : "application/json";
};

const requestHeadersOf = (forwarding: Forwarding, message: RestMessage): string[] => {
  const headers = passingRequestHeaders(forwarding.rawHeaders);
  const contentType = contentTypeOf(forwarding, message);
  if (contentType !== undefined) headers.push("content-type", contentType);
  for (const [name, value] of Object.entries(headersOf(message))) headers.push(name, value);
  return headers;
};

/** Members by which servers are told the most tokens of an answer: lowered where they stand. None is set, for who knows what the server takes. */
const mostTokens: OutputFields = {
  ...outputFields([
    "max_tokens",
    "max_new_tokens",
    "n_predict",
    "options.num_predict",
    "parameters.max_tokens",
    "parameters.max_new_tokens",
  ]),
  added: undefined,
};

/** The body to send, asking for no more than policy allows. */
const sentBody = ({ operation, contentType }: Forwarding, { message, outputTokens }: Order<RestMessage>): string | Buffer | undefined => {
  if (message.body.length === 0) return undefined;
  const body = bodyOf(message);
  const json = operation.body !== undefined || kindOf(contentType) === "json";
  return outputTokens === undefined || typeof body !== "string" || !json ? body : cappedRequest(body, mostTokens, outputTokens);
};

const send = async (forwarding: Forwarding, order: Order<RestMessage>, connection: Connection): Promise<RestAnswer> => {
  const { message, masked } = order;
  const { upstreams, method, path, prefix, leaving, operation } = forwarding;
  checkPath(path, message);
  const answer = await upstreams.send(connection, {
    method,
    path: targetOf(path, message, connection.upstream),
    headers: requestHeadersOf(forwarding, message),
    body: sentBody(forwarding, order),
    redirects: true,
    leaving,
  });
  return readAnswer(answer, {
    method,
    masked,
    joins: operation.joins,
    echoes: masked ? operation.echoes : undefined,
    location: locationFor(connection.upstream, prefix),
  });
};

/** Sends the order. Rejects with `upstream_*`, `cancelled`, or `content_unreadable` where masking would change the path. */
export const forward = (forwarding: Forwarding, order: Order<RestMessage>): Promise<RestAnswer> =>
  send(forwarding, order, order.connections[0]);
