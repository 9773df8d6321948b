/** The upstream of the comparison: a bare HTTP/2 server that answers gRPC calls with as little work as there can be. Prints its port. */

import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { message, reportCpu, streamed } from "./load.ts";

const ok = { "grpc-status": "0" };
const head = { ":status": 200, "content-type": "application/grpc" };

const open = (stream: ServerHttp2Stream): void => {
  stream.respond(head, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers(ok));
};

/** One message in each turn of the loop, as a model makes them. */
const paced = (stream: ServerHttp2Stream, left: number): void => {
  if (left === 0 || stream.destroyed) {
    stream.end();
    return;
  }
  stream.write(message);
  setImmediate(paced, stream, left - 1);
};

const server = createServer();
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  stream.resume();
  stream.once("end", () => {
    open(stream);
    if (headers[":path"] === "/test.Echo/ServerStream") paced(stream, streamed);
    else stream.end(message);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
reportCpu();
