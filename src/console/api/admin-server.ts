/** The admin listener: the management API, health and metrics, on an origin of its own that never carries an upstream's answers. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

export interface AdminOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** The Connect services to offer. */
  readonly routes: (router: ConnectRouter) => void;
  /** Whether everything is up. */
  readonly ready: () => boolean;
  /** The metrics page: its media type and text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface AdminServer {
  readonly address: string;
  readonly port: number;
  /** Stops accepting and ends what is open. */
  close(): Promise<void>;
}

/** Largest message that the management API reads, bytes: its requests are names, filters and small documents. */
const largestMessageBytes = 4 * 1024 * 1024;

/** Time within which a request's head, and the whole request, must have arrived, milliseconds. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

const securityHeaders = { "x-content-type-options": "nosniff", "cache-control": "no-store" };

const sendText = (response: ServerResponse, status: number, text: string, contentType = "text/plain; charset=utf-8"): void => {
  response.writeHead(status, { ...securityHeaders, "content-type": contentType }).end(text);
};

const sendMetrics = async (options: AdminOptions, response: ServerResponse): Promise<void> => {
  try {
    const { contentType, text } = await options.metrics();
    sendText(response, 200, text, contentType);
  } catch {
    sendText(response, 500, "The metrics could not be read.\n");
  }
};

const answerPlain = (options: AdminOptions, request: IncomingMessage, response: ServerResponse): void => {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (path === "/healthz") sendText(response, 200, "ok\n");
  else if (path === "/readyz") sendText(response, options.ready() ? 200 : 503, options.ready() ? "ready\n" : "not ready\n");
  else if (path === "/metrics") void sendMetrics(options, response);
  else sendText(response, 404, "There is nothing here by that name.\n");
};

const listen = (server: Server, { address, port }: AdminOptions): Promise<AdminServer> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      const bound = server.address();
      resolve({
        address,
        port: typeof bound === "object" && bound !== null ? bound.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });

/** Starts the admin listener. Rejects when the port is taken (`EADDRINUSE`). */
export const startAdminServer = (options: AdminOptions): Promise<AdminServer> => {
  const fallback = (request: IncomingMessage, response: ServerResponse): void => answerPlain(options, request, response);
  const handler = connectNodeAdapter({
    routes: options.routes,
    readMaxBytes: largestMessageBytes,
    fallback: (request, response) => fallback(request as IncomingMessage, response as ServerResponse),
  });
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }, handler);
  return listen(server, options);
};
