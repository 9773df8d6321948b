/** The OpenAI API as a surface: every operation of it, and whatever else stands under `/v1/`. */

import type { Exchange } from "../../src/envelope/exchange.ts";
import type { Surface } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { wireOf } from "../shared/document.ts";
import { exactPieces } from "../shared/exact-request.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type HeaderAllowance, passingHeaders } from "../shared/headers.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { type Arrival, type HttpOptions, httpSurface } from "../shared/http-surface.ts";
import type { WireForm } from "../shared/http-writer.ts";
import { Leaving } from "../shared/leaving.ts";
import { isJson, isText, readMediaType } from "../shared/media-type.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readBody, readJsonBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { apiOf } from "./apis.ts";
import { openaiErrorEvent, openaiRefusal } from "./error.ts";
import { forward } from "./forward.ts";
import { type OpenaiOperation, operationOf } from "./operations.ts";
import { bodilessRequest, checkQuery, type OpenaiRequest, parseRequest, type ReadRequest, unreadRequest, withExact } from "./request.ts";

export { openaiCaller } from "./inner.ts";

const wireForm: WireForm<FramedMessage> = {
  body: wireOf,
  part: wireText,
  refusal: openaiRefusal,
  lastWords: openaiErrorEvent,
};

interface Settings {
  readonly upstreams: Upstreams;
  readonly limits: BodyLimits;
}

const read = async ({ head, request, response }: Arrival, kind: OpenaiOperation, limits: BodyLimits): Promise<ReadRequest> => {
  checkQuery(kind, head.query);
  const { asks, described } = apiOf(kind.kind);
  if (!asks && !hasBody(request)) return bodilessRequest(kind);
  const type = readMediaType(request.headers["content-type"]);
  if (described || isJson(type)) return parseRequest(await readJsonBody(request, response, limits), kind);
  return unreadRequest(await readBody(request, response, limits), {
    operation: kind,
    type: request.headers["content-type"],
    textual: isText(type),
  });
};

/** Headers that change what is asked, and are the same in every try of it. */
const exactHeaders: HeaderAllowance = { names: new Set(["accept", "openai-beta"]), prefixes: [] };

const exactOf = ({ head, request }: Arrival, { message }: ReadRequest): readonly (string | Uint8Array)[] =>
  exactPieces({
    method: head.method,
    path: head.direction.path,
    query: head.query,
    headers: [...passingHeaders(request.rawHeaders, exactHeaders), "content-type", message.body?.type ?? ""],
    body: message.body?.bytes,
  });

const exchangeOf = (arrival: Arrival, { upstreams, limits }: Settings): Exchange<OpenaiRequest, FramedMessage> => {
  const { head, request, response } = arrival;
  const { method, direction, query } = head;
  const kind = operationOf(method, direction.path);
  const { rawHeaders } = request;
  const leaving = new Leaving(response);
  return {
    call: callOf(head, kind.operation, { leaving }),
    read: async () => {
      const incoming = await read(arrival, kind, limits);
      return withExact(incoming, () => exactOf(arrival, incoming));
    },
    held: ({ streams }) => arrival.held.begin(streams),
    forward: (order, objects) => forward({ upstreams, kind, method, query, rawHeaders, leaving }, order, objects),
  };
};

/** The surface, for the listener to hand requests to. */
export const openaiAdapter = ({ serve, upstreams, body }: HttpOptions): Surface<HttpRequest, HttpResponse> => {
  const limits = { ...defaultBodyLimits, ...body };
  return httpSurface({
    name: "openai",
    serve,
    exchange: (arrival) => exchangeOf(arrival, { upstreams, limits }),
    form: () => wireForm,
    refusal: openaiRefusal,
  });
};
