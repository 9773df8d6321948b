/** HTTP/2: Node's server as a parser of connections that the port hands to it, with the limits that it does not have by itself. */

import { constants, createServer, type Http2Server, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { OpenedStream } from "./arrival.ts";
import { Budget } from "./budget.ts";
import type { Peer } from "./head.ts";
import type { ListenerLimits } from "./limits.ts";
import { peerOf } from "./peer.ts";

/** Bytes that a caller may send on one stream, and on one connection, before the gateway has taken them: a long prompt in one round trip. */
const streamWindow = 256 * 1024;
const connectionWindow = 1024 * 1024;
/**
 * Megabytes that Node lets one session buffer before it refuses new streams. What counts most is answers that wait for a slow reader, up to 64 MiB each and
 * in memory anyway: with Node's 10, one of them would close the connection to everybody else's calls on it.
 */
const sessionMegabytes = 128;
/** Frames that Node takes for invalid, but forgives, before it closes the session; its default is 1,000. */
const invalidFrames = 100;
/** RFC 9113 section 6.5.2: what each header counts for besides its name and value. */
const headerOverhead = 32;
/**
 * Node answers more headers than it takes with a reset; the listener says 431, in words. So Node takes twice as much, which is also how much it keeps of a
 * flood of CONTINUATION frames.
 */
const headroom = 2;
/** How long a caller may go on sending on a stream whose answer has ended, milliseconds; as long as over HTTP/1.1. */
const lingerMs = 2_000;

/** What is known of one connection. */
interface Connected {
  readonly socket: Socket;
  readonly peer: Peer;
  /** Streams that are open. */
  streams: number;
  /** Streams that may still end unanswered. */
  readonly resets: Budget;
  /** Whether it was found to have nothing left to do the last time somebody looked. */
  ended: boolean;
}

/** A stream that breaks ends, and whoever waits for it hears of that; what breaks a session ends its streams. */
const ignore = (): void => {};

/** Ends a stream that is answered and still sends: it may finish within {@link lingerMs}. */
function lingerOver(this: ServerHttp2Stream): void {
  if (this.readableEnded || this.destroyed) return;
  this.resume();
  const timer = setTimeout(() => this.close(constants.NGHTTP2_NO_ERROR), lingerMs);
  timer.unref();
  this.once("close", () => clearTimeout(timer));
}

const createServerWith = ({ streams, headerBytes, headerCount }: ListenerLimits): Http2Server =>
  createServer({
    settings: {
      maxConcurrentStreams: streams,
      maxHeaderListSize: headroom * (headerBytes + headerCount * headerOverhead),
      initialWindowSize: streamWindow,
    },
    maxHeaderListPairs: headroom * headerCount,
    maxSessionMemory: sessionMegabytes,
    maxSessionInvalidFrames: invalidFrames,
  });

/** All HTTP/2 connections. A server that never listens: connections are given to it by {@link take}. */
export class Http2Connections {
  readonly #limits: ListenerLimits;
  readonly #server: Http2Server;
  readonly #open = new Map<Http2Session, Connected>();
  readonly #arrive: (opened: OpenedStream, peer: Peer) => void;

  constructor(limits: ListenerLimits, arrive: (opened: OpenedStream, peer: Peer) => void) {
    this.#limits = limits;
    this.#arrive = arrive;
    this.#server = createServerWith(limits);
    this.#server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      this.#begin({ stream, headers, rawHeaders });
    });
    this.#server.on("sessionError", ignore);
  }

  take(socket: Socket): void {
    // Told at once, in the middle of the next line.
    this.#server.once("session", (session) => this.#welcome(session, socket));
    this.#server.emit("connection", socket);
  }

  /** Tells every caller to open nothing more (GOAWAY); connections close once what is open on them has finished. */
  drain(): void {
    for (const session of this.#open.keys()) session.close();
  }

  #welcome(session: Http2Session, socket: Socket): void {
    const { resets, resetsPerSecond, idleTimeout } = this.#limits;
    const budget = new Budget(resets, resetsPerSecond, performance.now());
    const connected: Connected = { socket, peer: peerOf(socket), streams: 0, resets: budget, ended: false };
    this.#open.set(session, connected);
    socket.once("close", () => this.#open.delete(session));
    session.setLocalWindowSize(connectionWindow);
    session.setTimeout(idleTimeout);
    session.on("timeout", () => {
      if (connected.streams === 0) session.close();
      else session.setTimeout(idleTimeout);
    });
    socket.setTimeout(idleTimeout);
    socket.on("timeout", () => this.#sweep(session, connected));
  }

  /**
   * A session that has ended waits for its peer to take the last frames and to close: not for longer than one idle time. Nothing that comes puts this clock
   * off, because the session reads the socket's handle itself.
   */
  #sweep(session: Http2Session, connected: Connected): void {
    const { socket, ended, streams } = connected;
    if (ended) socket.destroy();
    else {
      connected.ended = session.destroyed || (session.closed && streams === 0);
      socket.setTimeout(this.#limits.idleTimeout);
    }
  }

  #begin(opened: OpenedStream): void {
    const { stream, headers } = opened;
    // First of all: a session may be gone when its stream is told of, and a stream that breaks unheard ends the process.
    stream.on("error", ignore);
    const { session } = stream;
    const connected = session === undefined ? undefined : this.#open.get(session);
    if (session === undefined || connected === undefined) return;
    connected.streams += 1;
    stream.once("close", () => this.#ended(stream, session, connected));
    // Node ends the writable side of an answer to HEAD before anybody has answered.
    if (headers[":method"] !== "HEAD") stream.once("finish", lingerOver);
    if (!stream.closed) this.#arrive(opened, connected.peer);
  }

  /**
   * Rapid reset (CVE-2023-44487), and making the gateway itself reset (CVE-2025-8671): opening a stream costs the caller nothing once it is reset, so those
   * that end unanswered are counted. Who has spent the budget is told so (RFC 9113 section 7, ENHANCE_YOUR_CALM) and loses the connection.
   */
  #ended(stream: ServerHttp2Stream, session: Http2Session, connected: Connected): void {
    connected.streams -= 1;
    if ((stream.writableFinished && !stream.aborted) || session.destroyed || connected.resets.spend(performance.now())) return;
    session.destroy(new Error("too many streams ended unanswered"), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
