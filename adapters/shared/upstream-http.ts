/** Calls to upstreams over HTTP/1.1: one pool of connections for each configured connection. */

import { type Dispatcher, Pool } from "undici";
import type { Connection, Timeouts } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import { type AddressCheck, checkedConnector } from "./dial.ts";
import { UpstreamBody } from "./upstream-body.ts";
import { upstreamError } from "./upstream-error.ts";

export interface UpstreamRequest {
  readonly method: string;
  /** What is appended to the connection's upstream URL: a canonical path starting with `/` (or nothing), and `?query` where there is one. */
  readonly path: string;
  /** Lower-case names and values in turn. The connection's own credential and all framing are added here. */
  readonly headers: readonly string[];
  readonly body: Buffer | string | undefined;
  readonly signal: AbortSignal;
}

/** An answer whose head has arrived. The body must be read to its end or left, else its connection stays taken. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: UpstreamBody;
}

export interface UpstreamOptions {
  readonly allowed: AddressCheck;
  /** Connections to one upstream open at once; further calls wait. */
  readonly connections?: number;
}

const defaultConnections = 512;
/** Milliseconds that an idle connection is kept: below the 5 s at which Node's own servers, and many like them, close theirs. */
const keepAliveMs = 4_000;

/** The two answers that say our credential is at fault, which is none of the caller's business (ARCHITECTURE.md 1.5). */
const credentialStatuses: readonly number[] = [401, 403];
const isRedirect = (status: number): boolean => status >= 300 && status < 400;
const firstFinalStatus = 200;

const latin1 = (value: Buffer | string): string => (typeof value === "string" ? value : value.toString("latin1"));

const rawHeaderList = (controller: Dispatcher.DispatchController): string[] => {
  const raw = controller.rawHeaders;
  return Array.isArray(raw) ? raw.map(latin1) : [];
};

/** One call's progress. States: waiting for the head → reading the body → settled. */
class Transfer implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (error: GatewayError) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #body: UpstreamBody | undefined;
  #stopped: GatewayError | undefined;
  #settled = false;

  constructor(
    order: { readonly signal: AbortSignal; readonly totalMs: number },
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(this.#onTotal, order.totalMs);
    // Never removed: the signal lives as long as its call, and taking listeners off costs more than letting both go together.
    order.signal.addEventListener("abort", this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped !== undefined) controller.abort(this.#stopped);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < firstFinalStatus) return;
    if (credentialStatuses.includes(status) || isRedirect(status)) {
      this.#stop(new GatewayError("upstream_invalid", undefined, { note: `the upstream answered ${status}` }));
      return;
    }
    this.#body = new UpstreamBody(controller);
    this.#resolve({ status, rawHeaders: rawHeaderList(controller), body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, thrown: Error): void {
    const error = this.#stopped ?? upstreamError(thrown);
    this.#settle();
    if (this.#body === undefined) this.#reject(error);
    else this.#body.fail(error);
  }

  readonly #onAbort = (): void => this.#stop(new GatewayError("cancelled"));
  readonly #onTotal = (): void => this.#stop(new GatewayError("upstream_timeout"));

  /** Ends the call now, wherever it is; a call still queued for a connection is ended when it would begin. */
  #stop(error: GatewayError): void {
    if (this.#settled) return;
    this.#stopped ??= error;
    this.#settle();
    if (this.#body === undefined) this.#reject(error);
    this.#body?.fail(error);
    this.#controller?.abort(error);
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
  readonly #allowed: AddressCheck;
  readonly #connections: number;
  readonly #upstreams = new Map<string, Upstream>();

  constructor(options: UpstreamOptions) {
    this.#allowed = options.allowed;
    this.#connections = options.connections ?? defaultConnections;
  }

  /**
   * Sends a request over a connection, with that connection's credential. Resolves with the answer's head. Rejects with `upstream_unavailable`,
   * `upstream_timeout`, `upstream_invalid` (also for 401, 403 and redirects, which are never followed) or `cancelled`; the body throws the same.
   */
  send(connection: Connection, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { pool, base } = this.#upstream(connection);
    const { credential, timeouts } = connection;
    const headers = [...request.headers, "accept-encoding", "identity"];
    if (credential !== undefined) headers.push(credential.header, credential.value);
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) {
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
        new Transfer({ signal: request.signal, totalMs: timeouts.total }, resolve, reject),
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
      connect: checkedConnector(this.#allowed, timeouts.connect),
    });
  }
}
