/** Sends an order upstream and reads what comes back. */

import type { Connection } from "../../src/envelope/call.ts";
import type { Answer, CallersObjects, Order } from "../../src/envelope/exchange.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders, passingQuery } from "../shared/headers.ts";
import type { Leaving } from "../shared/leaving.ts";
import { cappedBytes } from "../shared/output-cap.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { readAnswer } from "./answer.ts";
import { keeping } from "./kept.ts";
import { outputFieldsOf } from "./limited.ts";
import { answered, mergeModels } from "./models.ts";
import type { OpenaiOperation } from "./operations.ts";
import type { OpenaiRequest } from "./request.ts";
import { namingModel, type Target, targetOf } from "./target.ts";

/** The call as it goes on: what the caller's head allows to be sent. */
export interface Forwarding {
  readonly upstreams: Upstreams;
  readonly kind: OpenaiOperation;
  readonly method: string;
  readonly query: string;
  /** The caller's headers, names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly leaving: Leaving;
}

/** What an upstream may learn of the caller's client. Organisation and project are the connection's business, not the caller's. */
const passingRequestHeaders: HeaderAllowance = {
  names: new Set(["accept", "user-agent", "openai-beta", "idempotency-key"]),
  prefixes: ["x-stainless-"],
};

const headersOf = (forwarding: Forwarding, message: OpenaiRequest): string[] => {
  const headers = passingHeaders(forwarding.rawHeaders, passingRequestHeaders);
  if (message.body !== undefined) headers.push("content-type", message.body.type);
  return headers;
};

/** The bytes to send: with the model where the upstream reads it there, and asking for no more than policy allows. */
const bodyOf = ({ message, outputTokens }: Order<OpenaiRequest>, kind: OpenaiOperation, { bodyNamesModel }: Target): Buffer | undefined => {
  const bytes = bodyNamesModel ? namingModel(message.body, kind.deployment) : message.body?.bytes;
  const fields = outputTokens === undefined ? undefined : outputFieldsOf(kind.kind);
  if (bytes === undefined || fields === undefined || outputTokens === undefined || message.body?.type !== "application/json") return bytes;
  return cappedBytes(bytes, fields, outputTokens);
};

const forwardOne = async (forwarding: Forwarding, order: Order<OpenaiRequest>, connection: Connection): Promise<Answer<FramedMessage>> => {
  const { message, masked } = order;
  const { kind, query } = forwarding;
  const target = targetOf(kind, passingQuery(query), connection.upstream);
  const answer = await forwarding.upstreams.send(connection, {
    method: forwarding.method,
    path: target.path,
    headers: headersOf(forwarding, message),
    body: bodyOf(order, kind, target),
    leaving: forwarding.leaving,
  });
  return readAnswer(answer, { kind, masked, stopSequences: message.stopSequences, usageAsked: message.usageAsked });
};

const forwardModels = async (forwarding: Forwarding, order: Order<OpenaiRequest>): Promise<Answer<FramedMessage>> => {
  const asked = order.connections.map(async (connection) => ({
    answer: await forwardOne(forwarding, order, connection),
    mayUse: (model: string) => order.mayUse(connection, model),
  }));
  return mergeModels(answered(await Promise.allSettled(asked)));
};

/** Sends the order. Rejects with `upstream_*` or `cancelled`. */
export const forward = async (
  forwarding: Forwarding,
  order: Order<OpenaiRequest>,
  objects: CallersObjects,
): Promise<Answer<FramedMessage>> => {
  const { kind } = forwarding;
  if (kind.kind === "models") return forwardModels(forwarding, order);
  const answer = await forwardOne(forwarding, order, order.connections[0]);
  return keeping(answer, { creates: order.message.stored ? kind.creates : undefined, lists: kind.lists }, objects);
};
