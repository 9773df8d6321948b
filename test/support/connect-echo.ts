/** A real Connect server of four methods over a message with one text, and clients of it in every protocol and version of HTTP. */

import { createServer as createServer1 } from "node:http";
import { createServer as createServer2 } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { create, createFileRegistry, type DescMessage, type DescService, type MessageShape } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel,
} from "@bufbuild/protobuf/wkt";
import { ConnectError, type ConnectRouter, createClient, type HandlerContext, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import type { Connection } from "../../src/envelope/call.ts";

const label = FieldDescriptorProto_Label.OPTIONAL;

/** What the services of these tests look like, as a descriptor. */
export const echoFile = create(FileDescriptorProtoSchema, {
  name: "test/echo.proto",
  package: "test",
  syntax: "proto3",
  messageType: [{ name: "Text", field: [{ name: "text", jsonName: "text", number: 1, type: FieldDescriptorProto_Type.STRING, label }] }],
  service: [
    {
      name: "Echo",
      method: [
        {
          name: "Unary",
          inputType: ".test.Text",
          outputType: ".test.Text",
          options: { idempotencyLevel: MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS },
        },
        { name: "ServerStream", inputType: ".test.Text", outputType: ".test.Text", serverStreaming: true },
        { name: "ClientStream", inputType: ".test.Text", outputType: ".test.Text", clientStreaming: true },
        { name: "Bidi", inputType: ".test.Text", outputType: ".test.Text", clientStreaming: true, serverStreaming: true },
      ],
    },
  ],
});

const registry = createFileRegistry(echoFile, () => undefined);

const known = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error("the descriptor lacks what the tests use");
  return found;
};

export const textSchema: DescMessage = known(registry.getMessage("test.Text"));
export const echoService: DescService = known(registry.getService("test.Echo"));

export type Text = MessageShape<typeof textSchema> & { text: string };

export const text = (value: string): Text => create(textSchema, { text: value } as never) as Text;

export interface ConnectHandlers {
  unary(request: Text, context: HandlerContext): Promise<Text> | Text;
  serverStream(request: Text, context: HandlerContext): AsyncIterable<Text>;
  clientStream(requests: AsyncIterable<Text>, context: HandlerContext): Promise<Text>;
  bidi(requests: AsyncIterable<Text>, context: HandlerContext): AsyncIterable<Text>;
}

/** Every handler sends back what it gets. */
export const connectEchoes: ConnectHandlers = {
  unary: (request) => request,
  async *serverStream(request) {
    for (let count = 0; count < 3; count++) yield request;
  },
  async clientStream(requests) {
    let all = "";
    for await (const request of requests) all += request.text;
    return text(all);
  },
  async *bidi(requests) {
    for await (const request of requests) yield request;
  },
};

export interface ConnectServer {
  readonly port: number;
  readonly http: "1.1" | "2";
  handlers: ConnectHandlers;
  connection(overrides?: Partial<Connection>): Connection;
  close(): Promise<void>;
}

export const startConnectServer = async (http: "1.1" | "2"): Promise<ConnectServer> => {
  const started = { handlers: connectEchoes };
  const routes = (router: ConnectRouter): unknown =>
    router.service(echoService, {
      unary: (request: unknown, context: HandlerContext) => started.handlers.unary(request as Text, context),
      serverStream: (request: unknown, context: HandlerContext) => started.handlers.serverStream(request as Text, context),
      clientStream: (requests: unknown, context: HandlerContext) => started.handlers.clientStream(requests as AsyncIterable<Text>, context),
      bidi: (requests: unknown, context: HandlerContext) => started.handlers.bidi(requests as AsyncIterable<Text>, context),
    } as never);
  const handler = connectNodeAdapter({ routes, acceptCompression: [compressionGzip], compressMinBytes: 32 });
  const server = http === "2" ? createServer2(handler) : createServer1(handler);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(started, {
    port,
    http,
    connection: (overrides: Partial<Connection> = {}): Connection => ({
      name: `connect-${port}`,
      revision: "1",
      protocol: "connect",
      upstream: `http://127.0.0.1:${port}`,
      http,
      credential: undefined,
      timeouts: { connect: 2_000, firstByte: 10_000, idle: 10_000, total: 20_000 },
      anonymous: false,
      ...overrides,
    }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

export type ConnectWire = "connect" | "connect-get" | "grpc-web" | "grpc";

export interface TransportChoice {
  readonly wire: ConnectWire;
  readonly http: "1.1" | "2";
  readonly json: boolean;
  readonly gzip: boolean;
}

export const transportTo = (port: number, { wire, http, json, gzip }: TransportChoice): Transport => {
  const common = {
    baseUrl: `http://127.0.0.1:${port}`,
    useBinaryFormat: !json,
    acceptCompression: gzip ? [compressionGzip] : [],
    ...(gzip ? { sendCompression: compressionGzip, compressMinBytes: 1 } : {}),
  };
  const httpVersion = http;
  if (wire === "grpc") return createGrpcTransport(common);
  if (wire === "grpc-web") return createGrpcWebTransport({ ...common, httpVersion });
  return createConnectTransport({ ...common, httpVersion, useHttpGet: wire === "connect-get" });
};

/** The echo service as its callers see it; `options` are Connect's. */
export interface ConnectClient {
  unary(request: Text, options?: object): Promise<Text>;
  serverStream(request: Text, options?: object): AsyncIterable<Text>;
  clientStream(requests: AsyncIterable<Text>, options?: object): Promise<Text>;
  bidi(requests: AsyncIterable<Text>, options?: object): AsyncIterable<Text>;
}

export const connectClient = (port: number, choice: TransportChoice): ConnectClient =>
  createClient(echoService, transportTo(port, choice)) as unknown as ConnectClient;

/** A request stream of these texts. */
export async function* texts(...values: readonly string[]): AsyncGenerator<Text> {
  for (const value of values) yield text(value);
}

/** What an answer's stream says. */
export const collect = async (stream: AsyncIterable<Text>): Promise<string[]> => {
  const seen: string[] = [];
  for await (const message of stream) seen.push(message.text);
  return seen;
};

/** What a call fails with. */
export const failure = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(() => Promise.reject(new Error("no error")), ConnectError.from);
