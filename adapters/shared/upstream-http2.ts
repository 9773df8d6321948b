/** Calls to upstreams over HTTP/2, frame by frame in both directions: what gRPC needs and undici does not give. */

import type { OutgoingHttpHeaders } from "node:http2";
import type { Connection } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import { dialHttp2, type Network } from "./dial.ts";
import { Http2Call } from "./http2-call.ts";
import { Http2Sessions, type SharedSession } from "./http2-sessions.ts";
import type { Leaving } from "./leaving.ts";
import { upstreamError } from "./upstream-error.ts";

export interface Http2Request {
  readonly method: string;
  /** What is appended to the connection's upstream URL. */
  readonly path: string;
  /** Lower-case names without pseudo-headers; the connection's own credential is added here. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Whether the answer is still wanted. */
  readonly leaving: Pick<Leaving, "left" | "onLeave">;
  /** Milliseconds that the call may take where it has a deadline of its own; the connection's `total` bounds it too. */
  readonly within?: number | undefined;
}

export interface Http2UpstreamOptions {
  readonly network: Network;
  /** Connections to one upstream open at once; further calls wait. */
  readonly sessions?: number;
}

interface Upstream {
  readonly revision: string;
  readonly sessions: Http2Sessions;
  readonly scheme: string;
  readonly authority: string;
  /** The path of the upstream's URL, without trailing slash. */
  readonly base: string;
}

/** How often a call whose connection went away before it could begin is begun anew. */
const attempts = 3;

const callHeaders = ({ scheme, authority, base }: Upstream, connection: Connection, request: Http2Request): OutgoingHttpHeaders => {
  const headers: OutgoingHttpHeaders = {
    ":method": request.method,
    ":scheme": scheme,
    ":authority": authority,
    ":path": base + request.path,
  };
  for (const name of Object.keys(request.headers)) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = typeof value === "string" ? value : [...value];
  }
  const { credential } = connection;
  if (credential !== undefined) headers[credential.header.toLowerCase()] = credential.value;
  return headers;
};

/** Every upstream of the gateway that is spoken to over HTTP/2. */
export class Http2Upstreams {
  readonly #options: Http2UpstreamOptions;
  readonly #upstreams = new Map<string, Upstream>();

  constructor(options: Http2UpstreamOptions) {
    this.#options = options;
  }

  /**
   * Begins a call, with the connection's credential. Rejects with `upstream_unavailable`, `upstream_timeout` or `cancelled`; what happens to it later its
   * head and body tell.
   */
  async begin(connection: Connection, request: Http2Request): Promise<Http2Call> {
    const upstream = this.#upstream(connection);
    const { timeouts } = connection;
    const totalMs = Math.min(timeouts.total, request.within ?? timeouts.total);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const shared = await this.#session(upstream, totalMs);
      if (request.leaving.left) {
        upstream.sessions.give(shared);
        throw new GatewayError("cancelled");
      }
      const call = this.#on(shared, upstream, callHeaders(upstream, connection, request));
      if (call === undefined) continue;
      call.limit({ total: totalMs, firstByte: timeouts.firstByte, idle: timeouts.idle });
      request.leaving.onLeave(() => call.stop(new GatewayError("cancelled")));
      return call;
    }
    throw new GatewayError("upstream_unavailable", undefined, { note: "its connections closed before the call could begin" });
  }

  /** Cuts every call. */
  close(): void {
    for (const { sessions } of this.#upstreams.values()) sessions.destroy();
    this.#upstreams.clear();
  }

  /** A connection with room. Rejects with `upstream_*`, at the latest after `ms`. */
  #session({ sessions }: Upstream, ms: number): SharedSession | Promise<SharedSession> {
    const taken = sessions.take();
    if (!(taken instanceof Promise)) return taken;
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new GatewayError("upstream_timeout"));
      }, ms);
      taken.then(
        (shared) => {
          clearTimeout(timer);
          if (late) sessions.give(shared);
          else resolve(shared);
        },
        (thrown: unknown) => {
          clearTimeout(timer);
          reject(upstreamError(thrown));
        },
      );
    });
  }

  /** undefined where the connection takes no more calls: nothing of this one was sent. */
  #on(shared: SharedSession, { sessions }: Upstream, headers: OutgoingHttpHeaders): Http2Call | undefined {
    try {
      const stream = shared.session.request(headers, { endStream: false });
      stream.once("close", () => sessions.give(shared));
      return new Http2Call(stream, shared.socket);
    } catch (thrown) {
      sessions.retire(shared);
      sessions.give(shared);
      if (shared.session.closed || shared.session.destroyed) return undefined;
      throw new GatewayError("request_invalid", "The request's metadata cannot be sent on.", { cause: thrown });
    }
  }

  #upstream(connection: Connection): Upstream {
    const known = this.#upstreams.get(connection.name);
    if (known?.revision === connection.revision) return known;
    // Calls under way on the old connections end in peace.
    known?.sessions.close();
    const url = new URL(connection.upstream);
    const { sessions } = this.#options;
    const made: Upstream = {
      revision: connection.revision,
      sessions: new Http2Sessions({
        origin: url,
        dial: () => dialHttp2(this.#options.network, url, connection.timeouts.connect),
        ...(sessions === undefined ? {} : { sessions }),
      }),
      scheme: url.protocol.slice(0, -1),
      authority: url.host,
      base: url.pathname.replace(/\/$/, ""),
    };
    this.#upstreams.set(connection.name, made);
    return made;
  }
}
