/** Writes answers and refusals to a gRPC caller's stream. */

import { constants, type ServerHttp2Stream } from "node:http2";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Served } from "../../src/envelope/exchange.ts";
import { drained } from "../shared/http-server.ts";
import { sessionName, statusMetadata } from "./grpc-status.ts";
import type { Metadata, RpcMessage } from "./message.ts";
import { headersOf } from "./metadata.ts";
import { PlainRefusal } from "./plain-refusal.ts";
import { isPart, wireOfAll } from "./sending.ts";

export interface GrpcWriting {
  readonly stream: ServerHttp2Stream;
  readonly session: string;
}

type Headers = Record<string, string | string[]>;

const okStatus = 200;

const headed = (metadata: Metadata, status: number, session: string): Record<string, string | string[] | number> => ({
  ...headersOf(metadata),
  ":status": status,
  [sessionName]: session,
});

/** Writes the last bytes, if any, and ends the body; the trailers follow it. */
const endWith = (stream: ServerHttp2Stream, trailers: Headers, bytes?: Buffer): void => {
  stream.once("wantTrailers", () => {
    stream.sendTrailers(trailers);
    release(stream);
  });
  if (bytes === undefined) stream.end();
  else stream.end(bytes);
};

const stopCaller = (stream: ServerHttp2Stream): void => {
  if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
};

/**
 * A caller that is still sending learns that nobody listens: RST_STREAM(NO_ERROR) behind the whole answer (RFC 9113 section 8.1). nghttp2 drops what it has
 * not written when a stream is reset, so it is asked whether the end of the answer has been written. Where a full socket holds it back, an answered PING
 * says so: it was written no earlier than the frames that waited with it.
 */
const release = (stream: ServerHttp2Stream): void => {
  if (stream.readableEnded) return;
  setImmediate(() => {
    if (stream.closed || stream.state.localClose === 1) stopCaller(stream);
    else stream.session?.ping(() => stopCaller(stream));
  });
};

/** Writes what one read of the upstream brought with one write: each costs as much as passing a message on. False when the caller should be waited for. */
const writeBatch = (batch: readonly RpcMessage[], { stream, session }: GrpcWriting): boolean => {
  const bytes = wireOfAll(batch.filter(isPart));
  for (const message of batch) {
    switch (message.kind) {
      case "opening":
        stream.respond(headed(message.metadata, message.status, session), { waitForTrailers: true });
        break;
      case "end":
        if (message.alone === undefined) endWith(stream, headersOf(message.metadata), bytes);
        else respondAlone(stream, headed(message.metadata, message.alone, session));
        return true;
      case "raw":
      case "payload":
      case "mark":
        break;
    }
  }
  return bytes === undefined || stream.write(bytes);
};

const respondAlone = (stream: ServerHttp2Stream, headers: Record<string, string | string[] | number>): void => {
  stream.respond(headers, { endStream: true });
  release(stream);
};

/** Writes a served answer as it comes, no faster than its caller reads. Rejects with what its stream throws; then {@link refuseGrpc} has the last word. */
export const writeGrpc = async (served: Served<RpcMessage>, writing: GrpcWriting): Promise<void> => {
  if (served.kind !== "stream") throw new GatewayError("internal", undefined, { note: "an answer that is no stream" });
  const { stream } = writing;
  for await (const batch of served.batches) {
    if (stream.destroyed || stream.closed) throw new GatewayError("cancelled");
    if (!writeBatch(batch, writing)) await drained(stream);
  }
};

/** Tells the caller that the call was stopped: trailers-only, or in the trailers where the answer has begun. */
export const refuseGrpc = (error: GatewayError, { stream, session }: GrpcWriting): void => {
  if (stream.destroyed || stream.closed || stream.writableEnded) return;
  const trailers = headersOf(statusMetadata(error, session));
  if (stream.headersSent) endWith(stream, trailers);
  // The body of such a refusal is left out: no client of gRPC looks at one.
  else if (error instanceof PlainRefusal) respondAlone(stream, { ...error.headers, ":status": error.status, [sessionName]: session });
  else respondAlone(stream, { ":status": okStatus, "content-type": "application/grpc", [sessionName]: session, ...trailers });
};
