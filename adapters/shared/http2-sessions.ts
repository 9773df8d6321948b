/** HTTP/2 connections to one upstream: dialled when they are needed, shared by its calls. */

import { type ClientHttp2Session, connect } from "node:http2";
import type { Socket } from "node:net";

/** One connection, and how many calls are on it. */
export interface SharedSession {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
  /** INVARIANT: touched by {@link Http2Sessions} only. */
  streams: number;
}

export interface Http2SessionsOptions {
  readonly origin: URL;
  /** Opens a connection that speaks HTTP/2; rejects when there is none to be had. */
  readonly dial: () => Promise<Socket>;
  /** Connections open at once; further calls wait for room on them. */
  readonly sessions?: number;
}

/** Few, because each carries hundreds of calls: enough that one slow connection does not hold up all the others. */
const defaultSessions = 8;
/** Calls on one connection until its server says how many it takes (RFC 9113 section 6.5.2 recommends no less). */
const assumedStreams = 100;
/** Calls on one connection at most, whatever its server allows: one lost connection should not end thousands. */
const mostStreams = 1_000;
/** Bytes that an upstream may send ahead on one call: a few reads of a fast link, and all that a slow caller can cost. */
const streamWindowBytes = 256 * 1024;
/** Bytes that an upstream may send ahead on all calls of a connection. */
const connectionWindowBytes = 16 * 1024 * 1024;
/** Megabytes of memory that one connection may take in Node's own count, by which it bounds frames and headers in flight. */
const sessionMemoryMb = 64;
/** Milliseconds that a connection without calls is kept: below the 5 minutes after which load balancers drop silent ones. */
const idleMs = 240_000;

interface Waiter {
  readonly resolve: (shared: SharedSession) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * States: open → closing (no new calls; those under way go on) → closed. A connection that its server takes back (GOAWAY, RFC 9113 section 6.8) gets no
 * new calls; the next one dials anew.
 */
export class Http2Sessions {
  readonly #options: Http2SessionsOptions;
  readonly #most: number;
  /** Connections that take new calls. */
  readonly #open = new Set<SharedSession>();
  /** Connections that are not closed, those without new calls among them. */
  readonly #live = new Set<SharedSession>();
  readonly #limits = new WeakMap<SharedSession, number>();
  #waiting: Waiter[] = [];
  #dialing = false;
  #closing = false;

  constructor(options: Http2SessionsOptions) {
    this.#options = options;
    this.#most = options.sessions ?? defaultSessions;
  }

  /** A connection with room for a call, at once where there is one. The promise rejects with what dialling rejects with. */
  take(): SharedSession | Promise<SharedSession> {
    const found = this.#roomy();
    if (found !== undefined) {
      found.streams++;
      return found;
    }
    const waiting = new Promise<SharedSession>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#dialMore();
    return waiting;
  }

  /** A call on a connection is over. */
  give(shared: SharedSession): void {
    shared.streams--;
    if (shared.streams === 0 && (this.#closing || !this.#open.has(shared))) shared.session.close();
    this.#serveWaiting();
  }

  /** Takes a connection out of use; calls under way on it go on. */
  retire(shared: SharedSession): void {
    this.#open.delete(shared);
    if (shared.streams === 0) shared.session.close();
  }

  /** Lets calls under way end, and closes each connection behind its last one. */
  close(): void {
    this.#closing = true;
    for (const shared of this.#open) if (shared.streams === 0) shared.session.close();
  }

  /** Cuts every call. */
  destroy(): void {
    this.#closing = true;
    this.#failWaiting(new Error("the gateway is shutting down"));
    for (const { session } of this.#live) session.destroy();
  }

  #roomy(): SharedSession | undefined {
    for (const shared of this.#open) if (shared.streams < (this.#limits.get(shared) ?? assumedStreams)) return shared;
    return undefined;
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const found = this.#roomy();
      if (found === undefined) {
        this.#dialMore();
        return;
      }
      found.streams++;
      this.#waiting.shift()?.resolve(found);
    }
  }

  #failWaiting(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }

  /** One connection is dialled at a time: whoever waits behind it finds room on it, or dials the next. */
  #dialMore(): void {
    if (this.#dialing || this.#open.size >= this.#most) return;
    this.#dialing = true;
    this.#options.dial().then(
      (socket) => {
        this.#dialing = false;
        this.#add(socket);
        this.#serveWaiting();
      },
      (thrown: unknown) => {
        this.#dialing = false;
        this.#failWaiting(thrown);
      },
    );
  }

  #add(socket: Socket): void {
    socket.setNoDelay(true);
    const session = connect(this.#options.origin, {
      createConnection: () => socket,
      maxSessionMemory: sessionMemoryMb,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    });
    const shared: SharedSession = { session, socket, streams: 0 };
    this.#open.add(shared);
    this.#live.add(shared);
    session.once("connect", () => session.setLocalWindowSize(connectionWindowBytes));
    session.on("remoteSettings", ({ maxConcurrentStreams = mostStreams }) => {
      this.#limits.set(shared, Math.min(maxConcurrentStreams, mostStreams));
      this.#serveWaiting();
    });
    session.on("goaway", () => this.retire(shared));
    session.on("close", () => {
      this.#open.delete(shared);
      this.#live.delete(shared);
    });
    // Every call on the session hears of what broke it; nobody else needs to.
    session.on("error", () => this.#open.delete(shared));
    session.setTimeout(idleMs, () => {
      if (shared.streams === 0) this.retire(shared);
    });
  }
}
