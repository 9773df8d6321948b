/** A real gRPC server and client of four methods whose messages are bytes: the foreign ends of a gateway. */

import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { Connection } from "../../src/envelope/call.ts";

const bytes = (value: Buffer): Buffer => value;

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

export const echoMethods = {
  unary: method("Unary", false, false),
  serverStream: method("ServerStream", false, true),
  clientStream: method("ClientStream", true, false),
  bidi: method("Bidi", true, true),
};

export interface EchoHandlers {
  unary(call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void;
  serverStream(call: ServerWritableStream<Buffer, Buffer>): void;
  clientStream(call: ServerReadableStream<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void;
  bidi(call: ServerDuplexStream<Buffer, Buffer>): void;
}

/** Every handler sends back what it gets. */
export const echoes: EchoHandlers = {
  unary: (call, callback) => callback(null, call.request),
  serverStream: (call) => {
    for (let count = 0; count < 3; count++) call.write(call.request);
    call.end();
  },
  clientStream: (call, callback) => {
    const parts: Buffer[] = [];
    call.on("data", (part: Buffer) => parts.push(part));
    call.on("end", () => callback(null, Buffer.concat(parts)));
  },
  bidi: (call) => {
    call.on("data", (part: Buffer) => call.write(part));
    call.on("end", () => call.end());
  },
};

export interface EchoServer {
  readonly port: number;
  /** What the next calls are handled by. */
  handlers: EchoHandlers;
  connection(overrides?: Partial<Connection>): Connection;
  close(): void;
}

export const startEchoServer = async (): Promise<EchoServer> => {
  const server = new Server();
  const service: ServiceDefinition = echoMethods;
  const started = { handlers: echoes };
  server.addService(service, {
    unary: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => started.handlers.unary(call, callback),
    serverStream: (call: ServerWritableStream<Buffer, Buffer>) => started.handlers.serverStream(call),
    clientStream: (call: ServerReadableStream<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
      started.handlers.clientStream(call, callback),
    bidi: (call: ServerDuplexStream<Buffer, Buffer>) => started.handlers.bidi(call),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return Object.assign(started, {
    port,
    connection: (overrides: Partial<Connection> = {}): Connection => ({
      name: "echo",
      revision: "1",
      protocol: "grpc",
      upstream: `http://127.0.0.1:${port}`,
      http: "2",
      credential: undefined,
      timeouts: { connect: 2_000, firstByte: 10_000, idle: 10_000, total: 20_000 },
      anonymous: false,
      ...overrides,
    }),
    close: () => server.forceShutdown(),
  });
};

/** How a call ended, as its client saw it. */
export interface EchoResult {
  readonly messages: readonly string[];
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | undefined;
  readonly trailers: Metadata;
}

/** A client of the four methods at a port. */
export const echoClient = (port: number) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const { bidi, unary } = echoMethods;
  return {
    client,
    close: () => client.close(),
    /** Opens a call of any method as a stream in both directions, which all of them are on the wire. */
    open: (name: keyof typeof echoMethods, metadata = new Metadata(), options = {}) =>
      client.makeBidiStreamRequest(echoMethods[name].path, bidi.requestSerialize, bidi.responseDeserialize, metadata, options),
    unary: (message: string, metadata = new Metadata(), options = {}): Promise<EchoResult> =>
      new Promise((resolve) => {
        let head: Metadata | undefined;
        let answered: Buffer | undefined;
        const call = client.makeUnaryRequest(
          unary.path,
          unary.requestSerialize,
          unary.responseDeserialize,
          Buffer.from(message),
          metadata,
          options,
          (_error, value) => {
            answered = value;
          },
        );
        call.on("metadata", (value: Metadata) => {
          head = value;
        });
        call.on("status", ({ code, details, metadata: trailers }) => {
          const messages = answered === undefined ? [] : [answered.toString()];
          setImmediate(() =>
            resolve({ messages: answered === undefined ? messages : [answered.toString()], code, details, metadata: head, trailers }),
          );
        });
      }),
  };
};

/** Reads a call to its end. */
export const readToEnd = (call: ReturnType<ReturnType<typeof echoClient>["open"]>): Promise<EchoResult> =>
  new Promise((resolve) => {
    const messages: string[] = [];
    let head: Metadata | undefined;
    call.on("data", (message: Buffer) => messages.push(message.toString()));
    call.on("metadata", (value: Metadata) => {
      head = value;
    });
    call.on("error", () => {});
    call.on("status", ({ code, details, metadata: trailers }) =>
      setImmediate(() => resolve({ messages, code, details, metadata: head, trailers })),
    );
  });
