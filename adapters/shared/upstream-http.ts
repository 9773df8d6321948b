/** Calls to upstreams over HTTP/1.1: one pool of connections for each configured connection. */

import type { Readable } from "node:stream";
import { type Dispatcher, Pool } from "undici";
import type { Connection, Timeouts } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Network } from "./dial.ts";
import type { Leaving } from "./leaving.ts";
import { type BodySource, UpstreamBody } from "./upstream-body.ts";
import { upstreamError } from "./upstream-error.ts";

export interface UpstreamRequest {
  readonly method: string;
  /** What is appended to the connection's upstream URL: a canonical path starting with `/` (or nothing), and `?query` where there is one. */
  readonly path: string;
  /** Lower-case names and values in turn. The connection's own credential and all framing are added here. */
  readonly headers: readonly string[];
  readonly body: Buffer | string | Readable | undefined;
  /** Whether a redirect is an answer that the caller may see. It is never followed. */
  readonly redirects?: boolean;
  /** Whether the answer is still wanted. */
  readonly leaving: Pick<Leaving, "left" | "onLeave">;
  /** Milliseconds that the call may take where it has a deadline of its own; the connection's `total` bounds it too. */
  readonly within?: number | undefined;
  /** The protocol above HTTP gives its own meaning to statuses and codings (Connect): every answer is handed on, and no coding is asked for here. */
  readonly asIs?: boolean;
}

/** An answer whose head has arrived. The body must be read to its end or left, else its connection stays taken. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: UpstreamBody;
}

export interface UpstreamOptions {
  readonly network: Pick<Network, "connector">;
  /** Connections to one upstream open at once; further calls wait. */
  readonly connections?: number;
}

const defaultConnections = 512;
/** Milliseconds that an idle connection is kept: below the 5 s at which Node's own servers, and many like them, close theirs. */
const keepAliveMs = 4_000;

/** The two answers that say our credential is at fault, which is none of the caller's business (ARCHITECTURE.md 1.5). */
const credentialStatuses: readonly number[] = [401, 403];
/** 304 stands in this range and redirects nobody (RFC 9110 section 15.4.5), but answers a question that only an adapter which passes redirects lets through. */
const isRedirect = (status: number): boolean => status >= 300 && status < 400;
const firstFinalStatus = 200;

const latin1 = (value: Buffer): string => value.toString("latin1");

/**
 * One call's progress. States: waiting for the head → reading the body → settled.
 *
 * Speaks undici's older handler interface: under the newer one every answer's headers, and every stream's trailers, are first made into an object.
 */
class Transfer implements Dispatcher.DispatchHandler, BodySource {
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (error: GatewayError) => void;
  readonly #redirects: boolean;
  readonly #asIs: boolean;
  readonly #timer: NodeJS.Timeout;
  #abort: ((error: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #body: UpstreamBody | undefined;
  #stopped: GatewayError | undefined;
  #settled = false;

  constructor(
    order: Pick<UpstreamRequest, "leaving" | "redirects" | "asIs"> & { readonly totalMs: number },
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#redirects = order.redirects === true;
    this.#asIs = order.asIs === true;
    this.#timer = setTimeout(this.#onTotal, order.totalMs);
    order.leaving.onLeave(this.#onLeave);
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#stopped !== undefined) abort(this.#stopped);
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[], resume: () => void): boolean {
    if (status < firstFinalStatus) return true;
    this.#resume = resume;
    if (!this.#asIs && (credentialStatuses.includes(status) || (!this.#redirects && isRedirect(status)))) {
      this.#stop(new GatewayError("upstream_invalid", undefined, { note: `the upstream answered ${status}` }));
      return false;
    }
    this.#body = new UpstreamBody(this);
    this.#resolve({ status, rawHeaders: rawHeaders.map(latin1), body: this.#body });
    return true;
  }

  onData(chunk: Buffer): boolean {
    return this.#body?.push(chunk) ?? true;
  }

  onComplete(): void {
    this.#settle();
    this.#body?.end();
  }

  onError(thrown: Error): void {
    const error = this.#stopped ?? upstreamError(thrown);
    this.#settle();
    if (this.#body === undefined) this.#reject(error);
    else this.#body.fail(error);
  }

  /** {@link BodySource}: the reader has room again. */
  resume(): void {
    this.#resume?.();
  }

  /** {@link BodySource}: nobody reads on. */
  abort(error: Error): void {
    this.#abort?.(error);
  }

  readonly #onLeave = (): void => this.#stop(new GatewayError("cancelled"));
  readonly #onTotal = (): void => this.#stop(new GatewayError("upstream_timeout"));

  /** Ends the call now, wherever it is; a call still queued for a connection is ended when it would begin. */
  #stop(error: GatewayError): void {
    if (this.#settled) return;
    this.#stopped ??= error;
    this.#settle();
    if (this.#body === undefined) this.#reject(error);
    this.#body?.fail(error);
    this.#abort?.(error);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#settled = true;
  }
}

interface Upstream {
  readonly revision: string;
  readonly pool: Pool;
  /** The path of the upstream's URL, without trailing slash. */
  readonly base: string;
}

/** Every upstream of the gateway. */
export class Upstreams {
  readonly #network: Pick<Network, "connector">;
  readonly #connections: number;
  readonly #upstreams = new Map<string, Upstream>();

  constructor(options: UpstreamOptions) {
    this.#network = options.network;
    this.#connections = options.connections ?? defaultConnections;
  }

  /**
   * Sends a request over a connection, with that connection's credential. Resolves with the answer's head. Rejects with `upstream_unavailable`,
   * `upstream_timeout`, `upstream_invalid` (also for 401, 403 and redirects, which are never followed) or `cancelled`; the body throws the same.
   */
  send(connection: Connection, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { pool, base } = this.#upstream(connection);
    const { credential, timeouts } = connection;
    const { leaving, redirects = false, asIs = false, within = timeouts.total } = request;
    const headers = asIs ? [...request.headers] : [...request.headers, "accept-encoding", "identity"];
    if (credential !== undefined) headers.push(credential.header, credential.value);
    return new Promise((resolve, reject) => {
      if (request.leaving.left) {
        reject(new GatewayError("cancelled"));
        return;
      }
      pool.dispatch(
        {
          method: request.method,
          path: base + request.path || "/",
          headers,
          body: request.body ?? null,
          headersTimeout: timeouts.firstByte,
          bodyTimeout: timeouts.idle,
        },
        new Transfer({ leaving, redirects, asIs, totalMs: Math.min(timeouts.total, within) }, resolve, reject),
      );
    });
  }

  /** Closes every pool; calls under way are cut. */
  async close(): Promise<void> {
    const pools = [...this.#upstreams.values()].map(({ pool }) => pool.destroy());
    this.#upstreams.clear();
    await Promise.all(pools);
  }

  #upstream(connection: Connection): Upstream {
    const known = this.#upstreams.get(connection.name);
    if (known?.revision === connection.revision) return known;
    // Calls under way on the old pool end in peace; a failure to close it is nobody's concern.
    known?.pool.close().catch(() => {});
    const { origin, pathname } = new URL(connection.upstream);
    const made = { revision: connection.revision, pool: this.#pool(origin, connection.timeouts), base: pathname.replace(/\/$/, "") };
    this.#upstreams.set(connection.name, made);
    return made;
  }

  #pool(origin: string, timeouts: Timeouts): Pool {
    return new Pool(origin, {
      connections: this.#connections,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      connect: this.#network.connector(timeouts.connect),
    });
  }
}
