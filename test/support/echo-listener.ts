/** A listener whose only surface says back what it was sent: the port without anything behind it. */

import type { HttpRequest, HttpResponse } from "../../adapters/shared/http-server.ts";
import type { Head, Surface } from "../../src/envelope/surface.ts";
import { type HttpSurface, Listener, type ListenerLimits, type RpcSurface, type TlsOptions } from "../../src/listener/index.ts";

export interface EchoListener {
  readonly port: number;
  readonly listener: Listener;
  /** The heads of all requests that reached the surface. */
  readonly heads: Head[];
  close(): Promise<void>;
}

type Handle = Surface<HttpRequest, HttpResponse>["handle"];

export interface EchoOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly tls?: TlsOptions;
  /** Takes requests instead of the echo. */
  readonly handle?: Handle;
  readonly more?: readonly RpcSurface[];
}

const echo: Handle = (_head, request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => response.writeHead(200, { "x-version": `${request.httpVersionMajor}` }).end(Buffer.concat(chunks)));
};

export const startEchoListener = async ({ limits, tls, handle = echo, more = [] }: EchoOptions = {}): Promise<EchoListener> => {
  const heads: Head[] = [];
  const surface: HttpSurface = {
    name: "rest",
    handle: (head, request, response) => {
      heads.push(head);
      handle(head, request, response);
    },
    refusal: ({ reason }) => ({ contentType: "text/plain", body: reason }),
  };
  const listener = new Listener({ surfaces: [surface, ...more], ready: () => true, tls, ...(limits === undefined ? {} : { limits }) });
  return { port: await listener.listen(0, "127.0.0.1"), listener, heads, close: () => listener.drain(0) };
};
