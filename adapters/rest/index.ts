/** REST as a surface: any method and path towards upstreams that speak plain HTTP, model servers' dialects among them. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Exchange, Incoming } from "../../src/envelope/exchange.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { passingQuery, soleHeader } from "../shared/headers.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { type Arrival, type HttpOptions, httpSurface } from "../shared/http-surface.ts";
import { Leaving } from "../shared/leaving.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { restRefusal } from "./error.ts";
import { exactOf } from "./exact.ts";
import { forward } from "./forward.ts";
import type { RestMessage } from "./message.ts";
import { operationOf, type RestOperation } from "./operations.ts";
import { parseRequest } from "./request.ts";
import { jsonLengthHeader } from "./tensors.ts";
import { restForm } from "./write.ts";

const eventStream = "text/event-stream";

interface Settings {
  readonly upstreams: Upstreams;
  readonly limits: BodyLimits;
}

/** The one value of a header that decides how a body is read. Throws `request_invalid` where it came more than once. */
const only = ({ headers, rawHeaders }: HttpRequest, name: string): string | undefined => {
  const value = soleHeader(rawHeaders, name);
  if (value === undefined && headers[name] !== undefined) throw new GatewayError("request_invalid", `The header ${name} was sent twice.`);
  return value;
};

/** What a media type and its parameters are written with: it goes on as it came. */
const mediaType = /^[\x20-\x7e]{1,200}$/;

/** TRACE sends back what it is sent: the connection's own credential would be in the answer (RFC 9110 section 9.3.8). */
const refuseTrace = (method: string): void => {
  if (method === "TRACE") throw new GatewayError("operation_unsupported");
};

const read = async ({ head, request, response }: Arrival, operation: RestOperation, limits: BodyLimits): Promise<Incoming<RestMessage>> => {
  refuseTrace(head.method);
  const contentType = only(request, "content-type");
  if (contentType !== undefined && !mediaType.test(contentType))
    throw new GatewayError("request_invalid", "The media type cannot be read.");
  const jsonLength = only(request, jsonLengthHeader);
  const bytes = hasBody(request) ? await readBody(request, response, limits) : undefined;
  const incoming = parseRequest(bytes, { operation, path: head.direction.path, query: passingQuery(head.query), contentType, jsonLength });
  return { ...incoming, exact: () => exactOf(head, request, bytes) };
};

/** What the route took off the path, and what is left to be appended to the upstream's URL: nothing where the caller's path ends with the route's own. */
const splitPath = ({ route, direction }: Head): { readonly prefix: string; readonly path: string } => {
  if (direction.path === "/" && !route.path.endsWith("/")) return { prefix: route.path, path: "" };
  const prefix = route.path.endsWith(direction.path) ? route.path.slice(0, route.path.length - direction.path.length) : "";
  return { prefix, path: direction.path };
};

/** Whether the caller waits for events: it says so, or the dialect does. */
const awaitsEvents = ({ rawHeaders }: HttpRequest, { streams }: RestOperation): boolean =>
  streams || soleHeader(rawHeaders, "accept")?.trim().toLowerCase() === eventStream;

const exchangeOf = (arrival: Arrival, { upstreams, limits }: Settings): Exchange<RestMessage, RestMessage> => {
  const { head, request, response, held } = arrival;
  const { method, direction } = head;
  const operation = operationOf(method, direction.path, direction.operations);
  const { rawHeaders } = request;
  const contentType = soleHeader(rawHeaders, "content-type");
  const leaving = new Leaving(response);
  const forwarding = { upstreams, operation, method, ...splitPath(head), contentType, rawHeaders, leaving };
  return {
    call: callOf(head, operation.operation, { leaving }),
    read: () => read(arrival, operation, limits),
    held: () => held.begin(awaitsEvents(request, operation)),
    forward: (order) => forward(forwarding, order),
  };
};

/** The surface, for the listener to hand requests to. */
export const restAdapter = ({ serve, upstreams, body }: HttpOptions): Surface<HttpRequest, HttpResponse> => {
  const limits = { ...defaultBodyLimits, ...body };
  return httpSurface({
    name: "rest",
    serve,
    exchange: (arrival) => exchangeOf(arrival, { upstreams, limits }),
    form: restForm,
    refusal: restRefusal,
  });
};
