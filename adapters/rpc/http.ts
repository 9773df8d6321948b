/** gRPC-Web and Connect: calls that come, and go on, as requests of plain HTTP. */

import { constants } from "node:http2";
import { Readable } from "node:stream";
import type { Connection } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, Batches, Exchange, Incoming, Order } from "../../src/envelope/exchange.ts";
import type { Head } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import type { HttpRequest, HttpResponse } from "../shared/http-server.ts";
import { Leaving } from "../shared/leaving.ts";
import { UpstreamBody } from "../shared/upstream-body.ts";
import type { AnswerBytes } from "./answer.ts";
import { methodOn, type RpcCall, type RpcSettings, readCall, remaining, untilStopped } from "./call.ts";
import { connectStreamDialect } from "./connect-stream.ts";
import { connectUnaryDialect, connectWords } from "./connect-unary.ts";
import type { BodyEncoder, Dialect, HttpOrder } from "./dialect.ts";
import { withExact } from "./exact.ts";
import { refuseHttp, writeHttp } from "./http-writer.ts";
import type { RpcMessage } from "./message.ts";
import { rpcOperation } from "./operations.ts";
import { wrongVerb } from "./plain-refusal.ts";
import { isPart, makeCall, streamOf, wireOfAll } from "./sending.ts";
import { toldOf } from "./told.ts";
import { webDialect } from "./web.ts";

export interface HttpArrival {
  readonly head: Head;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

/** The protocol that a request speaks. Throws GatewayError where it is none that is spoken here. */
const dialectOf = ({ head, request }: HttpArrival): Dialect => {
  const { rawHeaders } = request;
  const framed = webDialect(rawHeaders) ?? connectStreamDialect(rawHeaders);
  const { method } = head;
  if (method !== "POST" && (framed !== undefined || method !== "GET")) throw wrongVerb();
  return framed ?? connectUnaryDialect(method, head.query, rawHeaders);
};

/** The caller's body as batches, read no faster than its messages go on. */
const bodyOf = (request: HttpRequest, decode: Dialect["decode"]): UpstreamBody => {
  const body = new UpstreamBody({ resume: () => request.resume(), abort: () => {} });
  request.on("data", (chunk: Buffer) => {
    try {
      if (!body.push(decode === undefined ? chunk : decode(chunk))) request.pause();
    } catch (thrown) {
      body.fail(new GatewayError("request_invalid", "The body is not what its media type says.", { cause: thrown }));
    }
  });
  const left = (): void => {
    if (body.open) body.fail(new GatewayError("cancelled"));
  };
  // Over HTTP/2 a request that broke off ends as well.
  const brokeOff = (): boolean => request.aborted || (request.stream?.rstCode ?? 0) !== constants.NGHTTP2_NO_ERROR;
  request.on("end", () => (brokeOff() ? left() : body.end()));
  request.on("close", left).on("error", left);
  return body;
};

/** What follows, as bytes in the form that goes upstream. */
async function* bytesOf(more: Batches<RpcMessage>, encoder: BodyEncoder | undefined): AsyncGenerator<Buffer> {
  for await (const batch of more) {
    const bytes = wireOfAll(batch.filter(isPart));
    if (bytes !== undefined) yield encoder === undefined ? bytes : encoder.push(bytes);
  }
  const rest = encoder?.end();
  if (rest !== undefined) yield rest;
}

const wholeBody = (bytes: Buffer | undefined, encoder: BodyEncoder | undefined): Buffer | undefined => {
  if (bytes === undefined || encoder === undefined) return bytes;
  return Buffer.concat([encoder.push(bytes), encoder.end() ?? Buffer.alloc(0)]);
};

/** One call over gRPC-Web or Connect. */
class HttpExchange implements Exchange<RpcMessage, RpcMessage> {
  readonly call: Exchange<RpcMessage, RpcMessage>["call"];
  readonly #arrival: HttpArrival;
  readonly #rpc: RpcCall;
  readonly #dialect: Dialect;
  #body: UpstreamBody | undefined;

  constructor(arrival: HttpArrival, rpc: RpcCall, dialect: Dialect) {
    this.#arrival = arrival;
    this.#rpc = rpc;
    this.#dialect = dialect;
    this.call = callOf(rpc.head, rpcOperation(rpc.called), rpc);
  }

  async read(): Promise<Incoming<RpcMessage>> {
    const { request, response } = this.#arrival;
    const { method, settings } = this.#rpc;
    if (request.headers.expect !== undefined) response.writeContinue();
    this.#body = bodyOf(request, this.#dialect.decode);
    return withExact(await this.#dialect.read({ body: this.#body, method, limits: settings.limits }), this.#rpc);
  }

  async forward(order: Order<RpcMessage>): Promise<Answer<RpcMessage>> {
    const [connection] = order.connections;
    const { message } = order;
    if (message.kind !== "opening") throw new GatewayError("internal", undefined, { note: "a request that is not its opening" });
    const method = methodOn(this.#rpc, connection);
    const within = remaining(this.#rpc);
    const sent = this.#dialect.order(message, { reads: method !== undefined, within });
    const bytes = await this.#send(connection, sent, {
      order,
      within,
      whole: sent.method === "GET" ? undefined : wireOfAll(message.parts),
    });
    const { limits } = this.#rpc.settings;
    try {
      return await this.#dialect.answer(bytes, { method, encoding: this.#dialect.encoding, limits, masked: order.masked });
    } catch (thrown) {
      bytes.stop(GatewayError.from(thrown));
      throw thrown;
    }
  }

  /** The call is over: nobody reads the request any more. */
  close(): void {
    if (this.#body?.open === true) this.#body.fail(new GatewayError("cancelled"));
  }

  #send(connection: Connection, sent: HttpOrder, sending: Sending): Promise<AnswerBytes> {
    return connection.http === "2" ? this.#sendHttp2(connection, sent, sending) : this.#sendHttp1(connection, sent, sending);
  }

  async #sendHttp2(connection: Connection, { method, query, headers }: HttpOrder, sending: Sending): Promise<AnswerBytes> {
    const { leaving, settings } = this.#rpc;
    const { order, within, whole } = sending;
    const request = { method, path: this.#path(query), headers, leaving, within: untilStopped(within) };
    const encoder = this.#dialect.encoder?.();
    const more = streamOf(order);
    const begin = () => settings.http2.begin(connection, request);
    const call = await makeCall(begin, {
      whole: more === undefined ? wholeBody(whole, encoder) : undefined,
      more,
      encoder,
    });
    const { status, rawHeaders } = await call.head;
    return { status, rawHeaders, body: call.body, stop: (error) => call.stop(error) };
  }

  async #sendHttp1(connection: Connection, { method, query, headers }: HttpOrder, sending: Sending): Promise<AnswerBytes> {
    const { leaving, settings } = this.#rpc;
    const { order, within, whole } = sending;
    const encoder = this.#dialect.encoder?.();
    const more = streamOf(order);
    const body = more === undefined ? wholeBody(whole, encoder) : Readable.from(bytesOf(more, encoder), { objectMode: false });
    const path = this.#path(query);
    const answer = await settings.upstreams.send(connection, {
      method,
      path,
      headers: flat(headers),
      body,
      leaving,
      within: untilStopped(within),
      asIs: true,
    });
    return { ...answer, stop: (error) => answer.body.cancel(error) };
  }

  #path(query: string): string {
    const { path } = this.#rpc.head.direction;
    return query === "" ? path : `${path}?${query}`;
  }
}

interface Sending {
  readonly order: Order<RpcMessage>;
  readonly within: number | undefined;
  /** The body of a request that is whole. */
  readonly whole: Buffer | undefined;
}

/** Headers as names and values in turn. */
const flat = (headers: HttpOrder["headers"]): string[] =>
  Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [name, value] : value.flatMap((one) => [name, one])));

const serveHttp = async (arrival: HttpArrival, settings: RpcSettings): Promise<void> => {
  const { head, response } = arrival;
  const { id: session } = head;
  let exchange: HttpExchange | undefined;
  let dialect: Dialect | undefined;
  let rpc: RpcCall | undefined;
  try {
    dialect = dialectOf(arrival);
    const { encoding, coding, within } = dialect;
    rpc = readCall(head, { leaving: new Leaving(response), settings, encoding, coding, within });
    exchange = new HttpExchange(arrival, rpc, dialect);
    await writeHttp(await settings.serve(exchange), { response, session, dialect });
  } catch (thrown) {
    refuseHttp(toldOf(thrown, rpc), { response, session, dialect: dialect ?? connectWords });
  } finally {
    exchange?.close();
  }
};

/** Answers a call over gRPC-Web or Connect, whatever happens. */
export const handleHttp = (arrival: HttpArrival, settings: RpcSettings): void => {
  void serveHttp(arrival, settings);
};
