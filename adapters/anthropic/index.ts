/** The Anthropic API as a surface: messages, token counts, models, and whatever else stands under `/v1/`. */

import type { Exchange, Incoming } from "../../src/envelope/exchange.ts";
import type { Surface } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { wireOf } from "../shared/document.ts";
import { exactPieces } from "../shared/exact-request.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders } from "../shared/headers.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { type Arrival, type HttpOptions, httpSurface } from "../shared/http-surface.ts";
import { asEvent, type WireForm } from "../shared/http-writer.ts";
import { Leaving } from "../shared/leaving.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readJsonBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { betaHeader, betasOf } from "./betas.ts";
import { anthropicErrorEvent, anthropicRefusal } from "./error.ts";
import { forward } from "./forward.ts";
import { namedByPath } from "./kept.ts";
import { type AnthropicOperation, operationOf } from "./operations.ts";
import { type AnthropicRequest, bodilessRequest, parseRequest } from "./request.ts";

/** 32 MiB is the most that the API takes in a request. */
const defaultRequestBytes = 32 * 1024 * 1024;

const wireFormOf = (session: string): WireForm<FramedMessage> => ({
  body: wireOf,
  part: wireText,
  late: (message) => `event: error\n${asEvent(wireOf(message))}`,
  refusal: (error) => anthropicRefusal(error, session),
  lastWords: (error) => anthropicErrorEvent(error, session),
});

interface Settings {
  readonly upstreams: Upstreams;
  readonly limits: BodyLimits;
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

const exchangeOf = (arrival: Arrival, { upstreams, limits }: Settings): Exchange<AnthropicRequest, FramedMessage> => {
  const { head, request, response } = arrival;
  const { method, query } = head;
  const { path } = head.direction;
  const kind = operationOf(method, path);
  const { rawHeaders } = request;
  const leaving = new Leaving(response);
  return {
    call: callOf(head, kind.operation, { leaving }),
    read: async () => {
      const incoming = await read(arrival, kind, limits);
      const refers = [...namedByPath(path), ...(incoming.refers ?? [])];
      return { ...incoming, refers, exact: () => exactOf(arrival, incoming) };
    },
    held: ({ streams }) => arrival.held.begin(streams),
    forward: (order, objects) => forward({ upstreams, kind, method, path, query, rawHeaders, leaving, session: head.id }, order, objects),
  };
};

/** The surface, for the listener to hand requests to. */
export const anthropicAdapter = ({ serve, upstreams, body }: HttpOptions): Surface<HttpRequest, HttpResponse> => {
  const limits = { ...defaultBodyLimits, bytes: defaultRequestBytes, ...body };
  return httpSurface({
    name: "anthropic",
    serve,
    exchange: (arrival) => exchangeOf(arrival, { upstreams, limits }),
    form: ({ head }) => wireFormOf(head.id),
    refusal: anthropicRefusal,
  });
};
