/** The OpenAI API as a surface: every operation of it, and whatever else stands under `/v1/`. */

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
import { type WireForm, writeFailure, writeServed } from "../shared/http-writer.ts";
import { Leaving } from "../shared/leaving.ts";
import { isJson, isText, readMediaType } from "../shared/media-type.ts";
import { type BodyLimits, defaultBodyLimits, hasBody, readBody, readJsonBody } from "../shared/request-body.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { apiOf } from "./apis.ts";
import { openaiErrorEvent, openaiRefusal } from "./error.ts";
import { forward } from "./forward.ts";
import { type OpenaiOperation, operationOf } from "./operations.ts";
import { bodilessRequest, checkQuery, type OpenaiRequest, parseRequest, unreadRequest } from "./request.ts";

export { openaiCaller } from "./inner.ts";

export interface OpenaiOptions {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  readonly body?: Partial<BodyLimits>;
  /** Bytes of a whole answer of an upstream. */
  readonly answerBytes?: number;
}

/** 64 MiB: a batch of 2,048 embeddings of 3,072 numbers, written out. */
const defaultAnswerBytes = 64 * 1024 * 1024;

const wireForm: WireForm<FramedMessage> = {
  body: wireOf,
  part: wireText,
  refusal: openaiRefusal,
  lastWords: openaiErrorEvent,
};

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

const read = async ({ head, request, response }: Arrival, kind: OpenaiOperation, limits: BodyLimits): Promise<Incoming<OpenaiRequest>> => {
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

const exactOf = ({ head, request }: Arrival, { message }: Incoming<OpenaiRequest>): readonly (string | Uint8Array)[] =>
  exactPieces({
    method: head.method,
    path: head.direction.path,
    query: head.query,
    headers: [...passingHeaders(request.rawHeaders, exactHeaders), "content-type", message.body?.type ?? ""],
    body: message.body?.bytes,
  });

/** What stays the same of one call while it is read, held and answered. */
interface Held {
  readonly answer: HeldAnswer;
  streams: boolean;
}

const readHeld = async (arrival: Arrival, held: Held, kind: OpenaiOperation, limits: BodyLimits): Promise<Incoming<OpenaiRequest>> => {
  const incoming = await read(arrival, kind, limits);
  held.streams = incoming.message.streams;
  return { ...incoming, exact: () => exactOf(arrival, incoming) };
};

const exchangeOf = (arrival: Arrival, options: Settings, held: Held): Exchange<OpenaiRequest, FramedMessage> => {
  const { head, request, response } = arrival;
  const { method, direction, query } = head;
  const kind = operationOf(method, direction.path);
  const { upstreams, limits, answerLimit } = options;
  const { rawHeaders } = request;
  const leaving = new Leaving(response);
  return {
    call: callOf(head, kind.operation, leaving),
    read: () => readHeld(arrival, held, kind, limits),
    held: () => held.answer.begin(held.streams),
    forward: (order, objects) => forward({ upstreams, kind, method, query, rawHeaders, answerLimit, leaving }, order, objects),
  };
};

const handle = async (arrival: Arrival, options: Settings): Promise<void> => {
  const writing = { response: arrival.response, session: arrival.head.id, form: wireForm };
  const held: Held = { answer: new HeldAnswer(arrival.response, arrival.head.id), streams: false };
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
export const openaiAdapter = (options: OpenaiOptions): Surface<HttpRequest, HttpResponse> => {
  const { serve, upstreams, body, answerBytes: answerLimit = defaultAnswerBytes } = options;
  const settings: Settings = { serve, upstreams, limits: { ...defaultBodyLimits, ...body }, answerLimit };
  return {
    name: "openai",
    handle: (head, request, response) => {
      void handle({ head, request, response }, settings);
    },
    refusal: openaiRefusal,
  };
};
