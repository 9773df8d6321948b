/** InferenceService behind the port: Connect, gRPC and gRPC-Web in, the core's own path for everything. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { createConnectRouter, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { GatewayError } from "../envelope/error.ts";
import { type Head, type Refusal, refusalHeaders, type Surface } from "../envelope/surface.ts";
import { connectError } from "./error.ts";
import type { AskOpenai } from "./openai.ts";
import { inferenceRoutes, openaiPaths, turnKey } from "./service.ts";
import { Turn } from "./turn.ts";

type HttpRequest = IncomingMessage | Http2ServerRequest;
type HttpResponse = ServerResponse | Http2ServerResponse;

export interface InferenceOptions {
  readonly ask: AskOpenai;
  /** The words of gRPC, gRPC-Web and Connect for an error that stopped a call before its handler had it: whoever else speaks them has these already. */
  readonly refusal: Surface<HttpRequest, HttpResponse>["refusal"];
}

/** Bytes of one message, inflated: what a JSON body may have. */
const largestMessageBytes = 10 * 1024 * 1024;

/** A call on its way through the RPC library. */
interface Served {
  readonly turn: Turn;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

const mediaTypeOf = (request: HttpRequest): string | undefined => request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();

const isBytes = (body: UniversalServerRequest["body"]): body is AsyncIterable<Uint8Array> =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body;

/** The body, of which nothing is asked for before the caller is known; what stops the call until then is told in the library's own words. */
async function* admitted(body: AsyncIterable<Uint8Array>, { turn, request, response }: Served): AsyncGenerator<Uint8Array> {
  try {
    await turn.admitted;
  } catch (thrown) {
    throw connectError(thrown, turn.session);
  }
  if (request.headers.expect !== undefined) response.writeContinue();
  yield* body;
}

const gated = (request: UniversalServerRequest, served: Served): UniversalServerRequest =>
  isBytes(request.body) ? { ...request, body: admitted(request.body, served) } : request;

/** The session under both of its names (ARCHITECTURE.md 1.5). */
const named = (response: UniversalServerResponse, session: string): UniversalServerResponse => {
  const header = new Headers(response.header);
  header.set("x-request-id", session);
  header.set("weir-session", session);
  return { ...response, header };
};

const refuse = (error: GatewayError, head: Head, response: HttpResponse, { contentType, body, status, headers }: Refusal): void => {
  response.writeHead(status ?? error.ruling.http, { ...refusalHeaders(error, head.id), ...headers, "content-type": contentType });
  response.end(body);
};

const answer = async (handler: UniversalHandler, served: Served): Promise<void> => {
  const { turn, request, response } = served;
  const values = createContextValues().set(turnKey, turn);
  try {
    const universal = universalRequestFromNodeRequest(request, response, undefined, values);
    await universalResponseToNodeResponse(named(await handler(gated(universal, served)), turn.session), response);
  } catch {
    // The caller is gone or has broken the protocol in the middle: there is nobody to tell.
    response.destroy();
  } finally {
    turn.end();
  }
};

/** The surface, for the listener to hand calls to. */
export const inferenceSurface = ({ ask, refusal }: InferenceOptions): Surface<HttpRequest, HttpResponse> => {
  const router = createConnectRouter({ readMaxBytes: largestMessageBytes, acceptCompression: [compressionGzip, compressionBrotli] });
  const handlers = new Map(inferenceRoutes(router).handlers.map((handler) => [handler.requestPath, handler]));
  return {
    name: "inference",
    handle: (head, request, response) => {
      const handler = handlers.get(head.direction.path);
      const path = openaiPaths.get(head.direction.path);
      if (handler === undefined || path === undefined) {
        const error = new GatewayError("operation_unsupported", "InferenceService has no such method.");
        refuse(error, head, response, refusal(error, head.id, mediaTypeOf(request)));
        return;
      }
      void answer(handler, { turn: new Turn({ ask, head, path, response }), request, response });
    },
    refusal,
  };
};
