/** Sends an order upstream and reads what comes back. */

import type { Connection } from "../../src/envelope/call.ts";
import type { Answer, CallersObjects, Order } from "../../src/envelope/exchange.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders, passingQuery } from "../shared/headers.ts";
import type { Leaving } from "../shared/leaving.ts";
import { cappedBytes, outputFields } from "../shared/output-cap.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { readAnswer } from "./answer.ts";
import { betaHeader, betasOf } from "./betas.ts";
import { keeping } from "./kept.ts";
import { answered, listQuery, mergeModels } from "./models.ts";
import type { AnthropicOperation } from "./operations.ts";
import { type AnthropicRequest, bytesOf } from "./request.ts";

/** The call as it goes on: what the caller's head allows to be sent. */
export interface Forwarding {
  readonly upstreams: Upstreams;
  readonly kind: AnthropicOperation;
  readonly method: string;
  /** The canonical path, `/v1` included. */
  readonly path: string;
  readonly query: string;
  /** The caller's headers, names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly leaving: Leaving;
  /** The session's id, by which the caller knows the answer. */
  readonly session: string;
}

/** What an upstream may learn of the caller's client. Workspace and organisation are the connection's business, not the caller's. */
const passingRequestHeaders: HeaderAllowance = {
  names: new Set(["accept", "user-agent", "anthropic-version", "idempotency-key"]),
  prefixes: ["x-stainless-"],
};

const version = "/v1/";

/** What is appended to the connection's upstream, which ends with `/v1` itself. */
const targetOf = ({ kind, path, query }: Forwarding): string => {
  const passing = kind.kind === "models" ? listQuery : passingQuery(query);
  return (path.startsWith(version) ? path.slice(version.length - 1) : path) + (passing === "" ? "" : `?${passing}`);
};

const headersOf = (forwarding: Forwarding, message: AnthropicRequest): string[] => {
  const headers = passingHeaders(forwarding.rawHeaders, passingRequestHeaders);
  const betas = betasOf(forwarding.rawHeaders);
  if (betas.length > 0) headers.push(betaHeader, betas.join(","));
  if (message.body !== undefined) headers.push("content-type", "application/json");
  return headers;
};

const mostTokens = outputFields(["max_tokens"]);

/** The bytes to send, asking for no more than policy allows. */
const bodyOf = ({ message, masked, outputTokens }: Order<AnthropicRequest>, { kind }: AnthropicOperation): Buffer | undefined => {
  const bytes = bytesOf(message, masked);
  return bytes === undefined || outputTokens === undefined || kind !== "messages" ? bytes : cappedBytes(bytes, mostTokens, outputTokens);
};

const forwardOne = async (
  forwarding: Forwarding,
  order: Order<AnthropicRequest>,
  connection: Connection,
): Promise<Answer<FramedMessage>> => {
  const { message } = order;
  const answer = await forwarding.upstreams.send(connection, {
    method: forwarding.method,
    path: targetOf(forwarding),
    headers: headersOf(forwarding, message),
    body: bodyOf(order, forwarding.kind),
    leaving: forwarding.leaving,
  });
  const { kind, session } = forwarding;
  return readAnswer(answer, { kind, session });
};

const forwardModels = async (forwarding: Forwarding, order: Order<AnthropicRequest>): Promise<Answer<FramedMessage>> => {
  const asked = order.connections.map(async (connection) => ({
    answer: await forwardOne(forwarding, order, connection),
    mayUse: (model: string) => order.mayUse(connection, model),
  }));
  return mergeModels(answered(await Promise.allSettled(asked)), forwarding);
};

/** Sends the order. Rejects with `upstream_*`, `recording_failed` or `cancelled`. */
export const forward = async (
  forwarding: Forwarding,
  order: Order<AnthropicRequest>,
  objects: CallersObjects,
): Promise<Answer<FramedMessage>> => {
  const { kind, operation } = forwarding.kind;
  if (kind === "models") return forwardModels(forwarding, order);
  const answer = await forwardOne(forwarding, order, order.connections[0]);
  return keeping(answer, { operation: operation.name, leaves: order.message.leaves }, objects);
};
