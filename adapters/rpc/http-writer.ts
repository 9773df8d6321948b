/** Writes answers and refusals of gRPC-Web and Connect to a caller's response. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Served } from "../../src/envelope/exchange.ts";
import { refusalHeaders } from "../../src/envelope/surface.ts";
import { breakOff, drained, endBroken, type HttpResponse, isGone } from "../shared/http-server.ts";
import type { Dialect, HttpWords, RefusalWords } from "./dialect.ts";
import type { RpcMessage } from "./message.ts";
import { PlainRefusal, plainWords } from "./plain-refusal.ts";

export interface HttpWriting<D> {
  readonly response: HttpResponse;
  readonly session: string;
  readonly dialect: D;
}

const writeHead = (response: HttpResponse, session: string, { status, headers }: Omit<HttpWords, "body">): void => {
  response.writeHead(status, { ...headers, "x-request-id": session });
};

const writeEnd = ({ response, session }: HttpWriting<Dialect>, words: HttpWords): void => {
  if (!response.headersSent)
    writeHead(response, session, { ...words, headers: { ...words.headers, "content-length": String(Buffer.byteLength(words.body)) } });
  if (words.body.length > 0) response.end(words.body);
  else response.end();
};

const writeMessage = (message: RpcMessage, writing: HttpWriting<Dialect>): boolean => {
  const { response, session, dialect } = writing;
  switch (message.kind) {
    case "opening":
      writeHead(response, session, dialect.head(message));
      return true;
    case "raw":
    case "payload":
      return response.write(dialect.part(message));
    case "mark":
      return true;
    case "end":
      writeEnd(writing, dialect.end(message));
      return true;
  }
};

/** Writes a served answer as it comes, no faster than its caller reads. Rejects with what its stream throws; then {@link refuseHttp} has the last word. */
export const writeHttp = async (served: Served<RpcMessage>, writing: HttpWriting<Dialect>): Promise<void> => {
  if (served.kind !== "stream") throw new GatewayError("internal", undefined, { note: "an answer that is no stream" });
  const { response } = writing;
  for await (const batch of served.batches) {
    if (isGone(response)) throw new GatewayError("cancelled");
    let room = true;
    for (const message of batch) room = writeMessage(message, writing) && room;
    if (!room && !response.writableEnded) await drained(response);
  }
};

/** Tells the caller that the call was stopped: in the answer's place, or at its end where it has begun. */
export const refuseHttp = (error: GatewayError, { response, session, dialect }: HttpWriting<RefusalWords>): void => {
  if (isGone(response) || response.writableEnded) return;
  if (response.headersSent) {
    const words = dialect.lastWords(error, session);
    if (words === undefined) breakOff(response);
    else endBroken(response, words);
    return;
  }
  const { status, headers, body } = error instanceof PlainRefusal ? plainWords(error) : dialect.refusal(error, session);
  response.writeHead(status, { ...refusalHeaders(error, session), ...headers, "content-length": Buffer.byteLength(body) }).end(body);
};
