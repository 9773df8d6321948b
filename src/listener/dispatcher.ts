/** Takes a request from its raw head to the surface that answers it, or refuses it in that surface's words. */

import { GatewayError } from "../envelope/error.ts";
import { refusalHeaders, type SurfaceName } from "../envelope/surface.ts";
import type { WireFacts } from "../envelope/wire.ts";
import type { Arrival } from "./arrival.ts";
import type { HeaderValues } from "./credentials.ts";
import type { Direct } from "./direct.ts";
import { factsOf, headerValues, probableSurface, readHead } from "./head.ts";
import type { ListenerLimits } from "./limits.ts";
import { restWording, type Wording } from "./refuse.ts";
import { newSessionId } from "./session-id.ts";
import type { AnySurface } from "./surfaces.ts";

export interface DispatcherOptions {
  readonly surfaces: readonly AnySurface[];
  readonly direct: Direct;
  readonly limits: Pick<ListenerLimits, "headerBytes" | "headerCount">;
  /** What `/readyz` tells. */
  readonly ready: () => boolean;
  /** Whether new requests are refused. */
  readonly draining: () => boolean;
}

/** A request on its way through here. */
interface Passing {
  readonly arrival: Arrival;
  readonly session: string;
  readonly headers: HeaderValues;
  readonly facts: WireFacts;
}

const passing = (arrival: Arrival): Passing => {
  const headers = headerValues(arrival.rawHeaders);
  return { arrival, session: newSessionId(), headers, facts: factsOf(arrival, headers) };
};

const answerProbe = ({ arrival, session }: Passing, up: boolean): void => {
  arrival.answer({
    status: up ? 200 : 503,
    headers: { "x-request-id": session, "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ status: up ? "ok" : "unavailable" }),
  });
};

/** The surface that is certain once a head is read, and probable until then. */
const refuse = ({ arrival, session, facts }: Passing, error: GatewayError, wording: Wording): void => {
  const { contentType, body, status, headers } = wording(error, session, facts.mediaType);
  arrival.answer({
    status: status ?? error.ruling.http,
    headers: { ...refusalHeaders(error, session), ...headers, "content-type": contentType },
    body,
  });
};

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #surfaces: ReadonlyMap<SurfaceName, AnySurface>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#surfaces = new Map(options.surfaces.map((surface) => [surface.name, surface]));
  }

  /** Answers a request, whatever happens. */
  dispatch(arrival: Arrival): void {
    const request = passing(arrival);
    try {
      this.#route(request);
    } catch (thrown) {
      this.#refuse(request, GatewayError.from(thrown));
    }
  }

  /** How a refusal of a request is worded of which no more than its target is known. */
  wordingOf(target: string | undefined): Wording {
    return this.#wording(probableSurface(target, undefined));
  }

  #refuse(request: Passing, error: GatewayError): void {
    refuse(request, error, this.#wording(probableSurface(request.arrival.target, request.facts)));
  }

  #wording(name: SurfaceName): Wording {
    const surface = this.#surfaces.get(name);
    return surface === undefined ? restWording : (error, session, mediaType) => surface.refusal(error, session, mediaType);
  }

  #check({ method, rawHeaders }: Arrival): void {
    const { headerBytes, headerCount } = this.#options.limits;
    if (rawHeaders.length / 2 > headerCount) throw new GatewayError("headers_too_large");
    let bytes = 0;
    for (const text of rawHeaders) bytes += text.length;
    if (bytes > headerBytes) throw new GatewayError("headers_too_large");
    if (method === "CONNECT") throw new GatewayError("operation_unsupported", "The gateway does not switch protocols.");
  }

  #route(request: Passing): void {
    const { arrival, session, headers, facts } = request;
    this.#check(arrival);
    const { direct, ready, draining } = this.#options;
    const head = readHead(arrival, { id: session, receivedAt: Date.now(), headers, facts, direct });
    const { path } = head.route;
    if (path === "/healthz") answerProbe(request, true);
    else if (path === "/readyz") answerProbe(request, ready());
    else if (draining()) throw new GatewayError("shutting_down");
    else {
      const surface = this.#surfaces.get(head.direction.surface);
      if (surface === undefined) throw new GatewayError("target_unknown");
      arrival.hand(surface, head, facts.mediaType);
    }
  }
}
