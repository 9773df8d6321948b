/** A surface whose calls are HTTP requests answered by HTTP responses: from the listener's hand to the core, and its answer back to the caller. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Exchange, Serve } from "../../src/envelope/exchange.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { HeldAnswer } from "./held-answer.ts";
import type { HttpRequest, HttpResponse } from "./http-server.ts";
import { type WireForm, writeFailure, writeServed } from "./http-writer.ts";
import type { BodyLimits } from "./request-body.ts";
import type { Upstreams } from "./upstream-http.ts";

/** What an adapter of this kind is made with. */
export interface HttpOptions {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
  /** Limits of requests' bodies, where they are not the API's own. */
  readonly body?: Partial<BodyLimits>;
}

/** A request as the listener hands it over. */
export interface Arrival {
  readonly head: Head;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Keeps the caller's connection alive while the call waits for a person. */
  readonly held: HeldAnswer;
}

/** What an API makes of its calls. */
export interface HttpCalls<Q, A> extends Pick<Surface<HttpRequest, HttpResponse>, "name" | "refusal"> {
  readonly serve: Serve;
  /** The call as the core takes it. */
  readonly exchange: (arrival: Arrival) => Exchange<Q, A>;
  /** How one call's answer becomes bytes. */
  readonly form: (arrival: Arrival) => WireForm<A>;
}

const answer = async <Q, A>(arrival: Arrival, { serve, exchange, form }: HttpCalls<Q, A>): Promise<void> => {
  const { head, response, held } = arrival;
  const writing = { response, session: head.id, form: form(arrival) };
  try {
    const served = await serve(exchange(arrival));
    held.end();
    await writeServed(served, writing);
  } catch (thrown) {
    held.end();
    writeFailure(GatewayError.from(thrown), writing);
  }
};

/** The surface, for the listener to hand requests to. */
export const httpSurface = <Q, A>(calls: HttpCalls<Q, A>): Surface<HttpRequest, HttpResponse> => ({
  name: calls.name,
  refusal: calls.refusal,
  handle: (head, request, response) => {
    void answer({ head, request, response, held: new HeldAnswer(response, head.id) }, calls);
  },
});
