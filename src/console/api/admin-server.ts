/** The admin listener: the management API, health and metrics, on an origin of its own that never carries an upstream's answers. */

import type { ConnectRouter } from "@connectrpc/connect";
import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { GatewayError } from "../../envelope/error.ts";
import type { Refusal } from "../../envelope/surface.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { InferenceService } from "../../gen/weir/v1/inference_pb.ts";
import { type Direct, type HttpSurface, Listener } from "../../listener/index.ts";
import { approvalLink, howToDecide } from "./approval-page.ts";
import { healthRoutes } from "./health.ts";
import { reflectionRoutes } from "./reflection.ts";

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

/** Time within which a whole request must have arrived, milliseconds. */
const requestTimeoutMs = 30_000;

const securityHeaders = { "x-content-type-options": "nosniff", "cache-control": "no-store" };

type PlainHandler = NonNullable<ConnectNodeAdapterOptions["fallback"]>;
type Request = Parameters<PlainHandler>[0];
type Response = Parameters<PlainHandler>[1];

const sendText = (response: Response, status: number, text: string, contentType = "text/plain; charset=utf-8"): void => {
  response.writeHead(status, { ...securityHeaders, "content-type": contentType });
  response.end(text);
};

const sendMetrics = async (options: AdminOptions, response: Response): Promise<void> => {
  try {
    const { contentType, text } = await options.metrics();
    sendText(response, 200, text, contentType);
  } catch {
    sendText(response, 500, "The metrics could not be read.\n");
  }
};

const answerPlain = (options: AdminOptions, request: Request, response: Response): void => {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const approval = approvalLink(path);
  if (path === "/metrics") void sendMetrics(options, response);
  else if (approval !== undefined) sendText(response, 200, howToDecide(approval));
  else sendText(response, 404, "There is nothing here by that name.\n");
};

/** Services that are not here and yet can be asked after: they stand on the other port and are up together with everything else. */
const elsewhere: readonly string[] = [InferenceService.typeName];

/** The services given, and what tools ask a gRPC server for. */
const routesOf = (options: AdminOptions, router: ConnectRouter): void => {
  options.routes(router);
  const services = [...new Set(router.handlers.map(({ service }) => service))];
  healthRoutes(router, { ready: options.ready, services: [...services.map(({ typeName }) => typeName), ...elsewhere] });
  reflectionRoutes(router, [...services, Health]);
};

/** Connect's error words for what the listener itself refuses; gRPC's clients go by the status. */
const refusal = (error: GatewayError): Refusal => ({
  contentType: "application/json",
  body: JSON.stringify({ code: error.ruling.grpc, message: error.message }),
});

/** Starts the admin listener, over HTTP/1.1 and HTTP/2 alike. Rejects with an Error in plain words when the port cannot be had. */
export const startAdminServer = async (options: AdminOptions): Promise<AdminServer> => {
  const handler = connectNodeAdapter({
    routes: (router) => routesOf(options, router),
    readMaxBytes: largestMessageBytes,
    fallback: (request, response) => answerPlain(options, request, response),
  });
  const handle: HttpSurface["handle"] = ({ credentials }, request, response) => {
    // Node keeps the first of two and drops the other, so that nobody behind this could tell.
    if (credentials.some(({ fault }) => fault === "repeated")) throw new GatewayError("credential_invalid", "A credential was sent twice.");
    if (request.headers.expect !== undefined) response.writeContinue();
    handler(request, response);
  };
  const surface: HttpSurface = { name: "rest", handle, refusal };
  const direct: Direct = ({ path }) => ({ surface: "rest", path, operations: [] });
  const listener = new Listener({ surfaces: [surface], direct, ready: options.ready, limits: { requestTimeout: requestTimeoutMs } });
  const port = await listener.listen(options.port, options.address);
  return { address: options.address, port, close: () => listener.drain(0) };
};
