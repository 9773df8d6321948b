/** The Anthropic API as a surface: messages, token counts, models, and whatever else stands under `/v1/`. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Exchange, Incoming, Serve } from "../../src/envelope/exchange.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { wireOf } from "../shared/document.ts";
import { exactPieces } from "../shared/exact-request.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders } from "../shared/headers.ts";
import { HeldAnswer } from "../shared/held-answer.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { asEvent, type WireForm, writeFailure, writeServed } from "../shared/http-writer.ts";
import { Leaving } from "../shared/leaving.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readJsonBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { betaHeader, betasOf } from "./betas.ts";
import { anthropicErrorEvent, anthropicRefusal } from "./error.ts";
import { forward } from "./forward.ts";
import { namedByPath } from "./kept.ts";
import { type AnthropicOperation, operationOf } from "./operations.ts";
import { type AnthropicRequest, bodilessRequest, parseRequest } from "./request.ts";

export interface AnthropicOptions {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  readonly body?: Partial<BodyLimits>;
  /** Bytes of a whole answer of an upstream. */
  readonly answerBytes?: number;
}

/** 32 MiB is the most that the API takes in a request; an answer that repeats fetched documents may be as long, and its escapes as long again. */
const defaultAnswerBytes = 64 * 1024 * 1024;
const defaultRequestBytes = 32 * 1024 * 1024;

const wireFormOf = (session: string): WireForm<FramedMessage> => ({
  body: wireOf,
  part: wireText,
  late: (message) => `event: error\n${asEvent(wireOf(message))}`,
  refusal: (error) => anthropicRefusal(error, session),
  lastWords: (error) => anthropicErrorEvent(error, session),
});

interface Arrival {
  readonly head: Head;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

/** The options with every default in its place. */
interface Settings {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  readonly limits: BodyLimits;
  readonly answerLimit: number;
}

const needsBody = ({ kind }: AnthropicOperation): boolean => kind === "messages" || kind === "count";

const read = async ({ request, response }: Arrival, kind: AnthropicOperation, limits: BodyLimits): Promise<Incoming<AnthropicRequest>> =>
  needsBody(kind) || hasBody(request) ? parseRequest(await readJsonBody(request, response, limits), kind) : bodilessRequest(kind);

/** Headers that change what is asked, and are the same in every try of it. */
const exactHeaders: HeaderAllowance = { names: new Set(["anthropic-version"]), prefixes: [] };

const exactOf = ({ head, request }: Arrival, { message }: Incoming<AnthropicRequest>): readonly (string | Uint8Array)[] =>
  exactPieces({
    method: head.method,
    path: head.direction.path,
    query: head.query,
    headers: [...passingHeaders(request.rawHeaders, exactHeaders), betaHeader, betasOf(request.rawHeaders).join()],
    body: message.body?.bytes,
  });

/** What stays the same of one call while it is read, held and answered. */
interface Held {
  readonly answer: HeldAnswer;
  streams: boolean;
}

const readHeld = async (
  arrival: Arrival,
  held: Held,
  kind: AnthropicOperation,
  limits: BodyLimits,
): Promise<Incoming<AnthropicRequest>> => {
  const incoming = await read(arrival, kind, limits);
  held.streams = incoming.message.streams;
  const refers = [...namedByPath(arrival.head.direction.path), ...(incoming.refers ?? [])];
  return { ...incoming, refers, exact: () => exactOf(arrival, incoming) };
};

const exchangeOf = (arrival: Arrival, options: Settings, held: Held): Exchange<AnthropicRequest, FramedMessage> => {
  const { head, request, response } = arrival;
  const { method, query } = head;
  const { path } = head.direction;
  const kind = operationOf(method, path);
  const { upstreams, limits, answerLimit } = options;
  const { rawHeaders } = request;
  const leaving = new Leaving(response);
  return {
    call: callOf(head, kind.operation, leaving),
    read: () => readHeld(arrival, held, kind, limits),
    held: () => held.answer.begin(held.streams),
    forward: (order, objects) =>
      forward({ upstreams, kind, method, path, query, rawHeaders, answerLimit, leaving, session: head.id }, order, objects),
  };
};

const handle = async (arrival: Arrival, options: Settings): Promise<void> => {
  const session = arrival.head.id;
  const writing = { response: arrival.response, session, form: wireFormOf(session) };
  const held: Held = { answer: new HeldAnswer(arrival.response, session), streams: false };
  try {
    const served = await options.serve(exchangeOf(arrival, options, held));
    held.answer.end();
    await writeServed(served, writing);
  } catch (thrown) {
    held.answer.end();
    writeFailure(GatewayError.from(thrown), writing);
  }
};

/** The surface, for the listener to hand requests to. */
export const anthropicAdapter = (options: AnthropicOptions): Surface<HttpRequest, HttpResponse> => {
  const { serve, upstreams, body, answerBytes: answerLimit = defaultAnswerBytes } = options;
  const settings: Settings = { serve, upstreams, limits: { ...defaultBodyLimits, bytes: defaultRequestBytes, ...body }, answerLimit };
  return {
    name: "anthropic",
    handle: (head, request, response) => {
      void handle({ head, request, response }, settings);
    },
    refusal: anthropicRefusal,
  };
};
