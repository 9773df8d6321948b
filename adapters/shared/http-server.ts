/**
 * What adapters use of a request and its response: Node's objects of HTTP/1.1 and those of HTTP/2 both have it, and mean the same by it. What is missing
 * here differs between the two: HTTP/2's response has no `destroyed` at run time whatever its type says, and its request is `complete` once it is aborted.
 */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Readable, Writable } from "node:stream";

export interface HttpRequest extends Readable {
  readonly httpVersionMajor: number;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn as they came; over HTTP/2 the pseudo-headers are among them. */
  readonly rawHeaders: readonly string[];
}

export interface HttpResponse extends Pick<Writable, "write" | "end" | "on" | "once" | "off" | "writableEnded"> {
  readonly headersSent: boolean;
  /** Lower-case names, each once; framing is the server's own business, except for `content-length`. */
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  writeContinue(): unknown;
}
