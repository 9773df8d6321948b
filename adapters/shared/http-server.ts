/**
 * What adapters use of a request and its response: Node's objects of HTTP/1.1 and those of HTTP/2 both have it. Where the two mean different things by it,
 * the question has a function here: HTTP/2's response has no `destroyed` at run time whatever its type says, and its request counts as complete once it is
 * aborted.
 */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Readable, Writable } from "node:stream";

export interface HttpRequest extends Readable {
  readonly httpVersionMajor: number;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn as they came; over HTTP/2 the pseudo-headers are among them. */
  readonly rawHeaders: readonly string[];
  /** Whether the caller broke off while sending. */
  readonly aborted: boolean;
  /** Of HTTP/1.1 only: everything has arrived, though perhaps not been read. */
  readonly complete: boolean;
  /** Of HTTP/2 only. */
  readonly stream?: ServerHttp2Stream;
}

export interface HttpResponse
  extends Pick<Writable, "write" | "end" | "on" | "once" | "off" | "destroy" | "writableEnded" | "writableFinished"> {
  readonly headersSent: boolean;
  /** Of HTTP/1.1 only; {@link isGone} is the question for both. */
  readonly destroyed: boolean;
  /** Of HTTP/1.1 only. */
  readonly socket?: { end(): unknown } | null;
  /** Of HTTP/2 only. */
  readonly stream?: ServerHttp2Stream;
  /** Lower-case names with values, or both in turn. Framing is the server's own business, except for `content-length`. */
  writeHead(status: number, headers?: OutgoingHttpHeaders | string[]): { end(body?: string | Uint8Array): unknown };
  writeContinue(): unknown;
}

/** Whether nothing that is written reaches the caller any more. */
export const isGone = ({ stream, destroyed }: HttpResponse): boolean =>
  stream === undefined ? destroyed : stream.closed || stream.destroyed;

/** Resolves once the caller has taken enough to be written to again, or has left. */
export const drained = (response: Pick<Writable, "on" | "off">): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });

/** Ends an answer so that nobody takes it for whole. */
export const breakOff = (response: HttpResponse): void => {
  if (response.stream === undefined) response.destroy();
  // Node's `close` would end the body first, as if it were whole; an error is sent as RST_STREAM(INTERNAL_ERROR) alone.
  else response.stream.destroy(new Error("the answer broke off"));
};

/** Ends an answer with words that say it broke. Over HTTP/1.1 the connection is closed, too: whatever stands between reads the end of that as a broken answer. */
export const endBroken = (response: HttpResponse, words: string | Uint8Array): void => {
  response.end(words, () => {
    if (response.stream === undefined) response.socket?.end();
  });
};
