/** gRPC itself, over bare HTTP/2 streams in both directions. */

import { constants, type ServerHttp2Stream } from "node:http2";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, Exchange, Incoming, Order } from "../../src/envelope/exchange.ts";
import type { Head } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { soleHeader } from "../shared/headers.ts";
import { Leaving } from "../shared/leaving.ts";
import { UpstreamBody } from "../shared/upstream-body.ts";
import { methodOn, type RpcCall, type RpcSettings, readCall, remaining, untilStopped } from "./call.ts";
import { withExact } from "./exact.ts";
import { readGrpcAnswer } from "./grpc-answer.ts";
import { grpcOrderHeaders, readGrpcTimeout } from "./grpc-status.ts";
import { refuseGrpc, writeGrpc } from "./grpc-writer.ts";
import type { RpcMessage } from "./message.ts";
import type { MessageEncoding } from "./messages/index.ts";
import { passingMetadata } from "./metadata.ts";
import { rpcOperation } from "./operations.ts";
import { wrongVerb } from "./plain-refusal.ts";
import { readFramed } from "./request.ts";
import { makeCall, streamOf, wireOfAll } from "./sending.ts";
import { toldOf } from "./told.ts";

/** What of a request's headers is gRPC's own and made anew. */
const requestFraming: ReadonlySet<string> = new Set(["grpc-timeout", "grpc-accept-encoding"]);

const grpcType = /^application\/grpc(?:\+([A-Za-z0-9._-]+))?\s*(?:;|$)/i;

const encodingOf = (contentType: string | undefined): MessageEncoding | undefined => {
  const found = grpcType.exec(contentType ?? "");
  const codec = found?.[1]?.toLowerCase() ?? "proto";
  return found !== null && (codec === "proto" || codec === "json") ? codec : undefined;
};

/** The caller's stream as batches. It is read once the caller is known, and no faster than its messages go on. */
const bodyOf = (stream: ServerHttp2Stream): UpstreamBody => {
  const body = new UpstreamBody({ resume: () => stream.resume(), abort: () => {} });
  stream.on("data", (chunk: Buffer) => {
    if (!body.push(chunk)) stream.pause();
  });
  const left = (): void => {
    if (body.open) body.fail(new GatewayError("cancelled"));
  };
  // Node ends what it reads from a stream that was reset, too: a request that broke off must not look whole.
  stream.on("end", () => (stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR ? left() : body.end()));
  stream.on("close", left);
  return body;
};

interface GrpcArrival {
  readonly head: Head;
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
}

/** One call over gRPC. */
class GrpcExchange implements Exchange<RpcMessage, RpcMessage> {
  readonly call: Exchange<RpcMessage, RpcMessage>["call"];
  readonly #arrival: GrpcArrival;
  readonly #rpc: RpcCall;
  #body: UpstreamBody | undefined;

  constructor(arrival: GrpcArrival, rpc: RpcCall) {
    this.#arrival = arrival;
    this.#rpc = rpc;
    this.call = callOf(rpc.head, rpcOperation(rpc.called), rpc);
  }

  async read(): Promise<Incoming<RpcMessage>> {
    const { rawHeaders, stream } = this.#arrival;
    const { method, settings } = this.#rpc;
    this.#body = bodyOf(stream);
    const incoming = await readFramed({
      metadata: passingMetadata(rawHeaders, requestFraming),
      body: this.#body,
      coding: soleHeader(rawHeaders, "grpc-encoding"),
      encoding: this.#rpc.encoding,
      method,
      limits: settings.limits,
    });
    return withExact(incoming, this.#rpc);
  }

  async forward(order: Order<RpcMessage>): Promise<Answer<RpcMessage>> {
    const [connection] = order.connections;
    const { message } = order;
    if (message.kind !== "opening") throw new GatewayError("internal", undefined, { note: "a request that is not its opening" });
    const method = methodOn(this.#rpc, connection);
    const { settings, leaving, head } = this.#rpc;
    const within = remaining(this.#rpc);
    const headers = grpcOrderHeaders(message.metadata, this.#arrival.rawHeaders, { reads: method !== undefined, within });
    headers.te = "trailers";
    const request = { method: "POST", path: head.direction.path, headers, leaving, within: untilStopped(within) };
    const begin = () => settings.http2.begin(connection, request);
    const call = await makeCall(begin, { whole: wireOfAll(message.parts), more: streamOf(order) });
    return readGrpcAnswer(call, { method, encoding: this.#rpc.encoding, limits: settings.limits, masked: order.masked });
  }

  /** The call is over: nobody reads the request any more. */
  close(): void {
    if (this.#body?.open === true) this.#body.fail(new GatewayError("cancelled"));
  }
}

const serveGrpc = async (arrival: GrpcArrival, settings: RpcSettings): Promise<void> => {
  const { head, stream, rawHeaders } = arrival;
  const { id: session } = head;
  let exchange: GrpcExchange | undefined;
  let rpc: RpcCall | undefined;
  try {
    if (head.method !== "POST") throw wrongVerb();
    rpc = readCall(head, {
      leaving: new Leaving(stream),
      settings,
      encoding: encodingOf(soleHeader(rawHeaders, "content-type")),
      coding: soleHeader(rawHeaders, "grpc-encoding"),
      within: readGrpcTimeout(rawHeaders),
    });
    exchange = new GrpcExchange(arrival, rpc);
    await writeGrpc(await settings.serve(exchange), { stream, session });
  } catch (thrown) {
    refuseGrpc(toldOf(thrown, rpc), { stream, session });
  } finally {
    exchange?.close();
  }
};

/** Answers a gRPC call, whatever happens. */
export const handleGrpc = (arrival: GrpcArrival, settings: RpcSettings): void => {
  // A stream that breaks is noticed by its closing.
  arrival.stream.on("error", () => {});
  void serveGrpc(arrival, settings);
};
