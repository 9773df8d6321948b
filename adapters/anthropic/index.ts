/** The Anthropic API as a surface: messages, token counts, models, and whatever else stands under `/v1/`. */

import type { Call } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Exchange, Incoming, Serve } from "../../src/envelope/exchange.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { wireOf } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { type WireForm, writeFailure, writeServed } from "../shared/http-writer.ts";
import { Leaving } from "../shared/leaving.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readJsonBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { anthropicErrorEvent, anthropicRefusal } from "./error.ts";
import { forward } from "./forward.ts";
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

const surfaceName = "anthropic";

const wireFormOf = (session: string): WireForm<FramedMessage> => ({
  body: wireOf,
  part: wireText,
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

const callOf = (head: Head, { operation }: AnthropicOperation, leaving: Leaving): Call => {
  const { id, receivedAt, method, route, direction, credentials, remoteAddress } = head;
  return {
    id,
    receivedAt,
    surface: surfaceName,
    method,
    operation,
    route,
    direction,
    credentials,
    remoteAddress,
    get signal() {
      return leaving.signal;
    },
  };
};

const needsBody = ({ kind }: AnthropicOperation): boolean => kind === "messages" || kind === "count";

const read = async ({ request, response }: Arrival, kind: AnthropicOperation, limits: BodyLimits): Promise<Incoming<AnthropicRequest>> =>
  needsBody(kind) || hasBody(request) ? parseRequest(await readJsonBody(request, response, limits), kind) : bodilessRequest(kind);

const exchangeOf = (arrival: Arrival, options: Settings): Exchange<AnthropicRequest, FramedMessage> => {
  const { head, request, response } = arrival;
  const { method, query } = head;
  const { path } = head.direction;
  const kind = operationOf(method, path);
  const { upstreams, limits, answerLimit } = options;
  const { rawHeaders } = request;
  const leaving = new Leaving(response);
  return {
    call: callOf(head, kind, leaving),
    read: () => read(arrival, kind, limits),
    forward: (order) => forward({ upstreams, kind, method, path, query, rawHeaders, answerLimit, leaving }, order),
  };
};

const handle = async (arrival: Arrival, options: Settings): Promise<void> => {
  const session = arrival.head.id;
  const writing = { response: arrival.response, session, form: wireFormOf(session) };
  try {
    const served = await options.serve(exchangeOf(arrival, options));
    await writeServed(served, writing);
  } catch (thrown) {
    writeFailure(GatewayError.from(thrown), writing);
  }
};

/** The surface, for the listener to hand requests to. */
export const anthropicAdapter = (options: AnthropicOptions): Surface<HttpRequest, HttpResponse> => {
  const { serve, upstreams, body, answerBytes: answerLimit = defaultAnswerBytes } = options;
  const settings: Settings = { serve, upstreams, limits: { ...defaultBodyLimits, bytes: defaultRequestBytes, ...body }, answerLimit };
  return {
    name: surfaceName,
    handle: (head, request, response) => {
      void handle({ head, request, response }, settings);
    },
    refusal: anthropicRefusal,
  };
};
