/** A generic proxy as one would write it with grpc-js: bytes in, bytes out, every method a stream in both directions. Argument: the upstream's port. */

import {
  Client,
  credentials,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { reportCpu } from "./load.ts";

const bytes = (value: Buffer): Buffer => value;

const method = (name: string) => ({
  path: `/test.Echo/${name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

const service: ServiceDefinition = { Unary: method("Unary"), ServerStream: method("ServerStream") };
const client = new Client(`127.0.0.1:${process.argv[2]}`, credentials.createInsecure());

const pass =
  (path: string) =>
  (call: ServerDuplexStream<Buffer, Buffer>): void => {
    const upstream = client.makeBidiStreamRequest(path, bytes, bytes, call.metadata.clone());
    let trailers: Metadata | undefined;
    call.on("data", (message: Buffer) => upstream.write(message));
    call.on("end", () => upstream.end());
    call.on("cancelled", () => upstream.cancel());
    upstream.on("metadata", (metadata: Metadata) => call.sendMetadata(metadata));
    upstream.on("data", (message: Buffer) => call.write(message));
    upstream.on("error", (error) => call.emit("error", error));
    upstream.on("status", ({ code, metadata }) => {
      trailers = metadata;
      if (code === 0) call.end(trailers);
    });
  };

const server = new Server();
server.addService(service, { Unary: pass("/test.Echo/Unary"), ServerStream: pass("/test.Echo/ServerStream") });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, port) => process.send?.({ port }));
reportCpu();
