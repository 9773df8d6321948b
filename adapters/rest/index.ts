/** REST as a surface: any method and path towards upstreams that speak plain HTTP, model servers' dialects among them. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Exchange, Incoming, Serve } from "../../src/envelope/exchange.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { passingQuery, soleHeader } from "../shared/headers.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
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
import { AnswerWriter } from "./write.ts";

export interface RestOptions {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  readonly body?: Partial<BodyLimits>;
  /** Bytes of an answer that must be whole to be read; others stream and have no limit. */
  readonly answerBytes?: number;
}

/** 64 MiB: binary tensors of a batch of images. */
const defaultAnswerBytes = 64 * 1024 * 1024;

const eventStream = "text/event-stream";

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

const exchangeOf = (
  arrival: Arrival,
  { upstreams, limits, answerLimit }: Settings,
  writer: AnswerWriter,
): Exchange<RestMessage, RestMessage> => {
  const { head, request, response } = arrival;
  const { method, direction } = head;
  const operation = operationOf(method, direction.path, direction.operations);
  const { rawHeaders } = request;
  const contentType = soleHeader(rawHeaders, "content-type");
  const leaving = new Leaving(response);
  const forwarding = {
    upstreams,
    operation,
    method,
    ...splitPath(head),
    contentType,
    rawHeaders,
    answerLimit,
    leaving,
  };
  return {
    call: callOf(head, operation.operation, leaving),
    read: () => read(arrival, operation, limits),
    held: () => writer.hold(awaitsEvents(request, operation)),
    forward: (order) => forward(forwarding, order),
  };
};

const handle = async (arrival: Arrival, settings: Settings): Promise<void> => {
  const writer = new AnswerWriter(arrival.response, arrival.head.id);
  try {
    const served = await settings.serve(exchangeOf(arrival, settings, writer));
    await writer.write(served);
  } catch (thrown) {
    writer.fail(GatewayError.from(thrown));
  }
};

/** The surface, for the listener to hand requests to. */
export const restAdapter = (options: RestOptions): Surface<HttpRequest, HttpResponse> => {
  const { serve, upstreams, body, answerBytes: answerLimit = defaultAnswerBytes } = options;
  const settings: Settings = { serve, upstreams, limits: { ...defaultBodyLimits, ...body }, answerLimit };
  return {
    name: "rest",
    handle: (head, request, response) => {
      void handle({ head, request, response }, settings);
    },
    refusal: restRefusal,
  };
};
