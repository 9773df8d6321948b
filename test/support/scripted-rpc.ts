/** An RPC upstream that answers with the very bytes it is told, in the very pieces, and a caller that tells everything it gets: both bare HTTP/2. */

import { type ClientHttp2Session, connect, createServer, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo, Socket } from "node:net";

/** An answer, piece by piece. */
export interface ScriptedAnswer {
  readonly headers: OutgoingHttpHeaders;
  /** Each is written on its own. */
  readonly pieces: readonly Buffer[];
  /** undefined: there are none. */
  readonly trailers?: OutgoingHttpHeaders;
}

export interface ScriptedRpc {
  readonly port: number;
  /** What the next calls are answered with. */
  answer: ScriptedAnswer;
  /** The body of the latest call, and its path with the query. */
  readonly asked: { body: Buffer; path: string; headers: Readonly<Record<string, unknown>> };
  close(): Promise<void>;
}

export const startScriptedRpc = async (): Promise<ScriptedRpc> => {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const scripted = {
    answer: { headers: { ":status": 200 }, pieces: [] } as ScriptedAnswer,
    asked: { body: Buffer.alloc(0), path: "", headers: {} },
  };
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", async () => {
      scripted.asked = { body: Buffer.concat(chunks), path: headers[":path"] ?? "", headers };
      if (stream.destroyed) return;
      const { answer } = scripted;
      const { trailers } = answer;
      stream.respond(answer.headers, { waitForTrailers: trailers !== undefined });
      if (trailers !== undefined) stream.once("wantTrailers", () => stream.sendTrailers(trailers));
      for (const piece of answer.pieces) {
        stream.write(piece);
        await new Promise(setImmediate);
      }
      stream.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(scripted, {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

/** Everything that a caller gets of an answer. */
export interface WholeAnswer {
  readonly status: number;
  /** Names and values of headers and of trailers in turn. */
  readonly fields: readonly string[];
  readonly body: Buffer;
}

export interface BareCaller {
  call(headers: OutgoingHttpHeaders, body?: Buffer): Promise<WholeAnswer>;
  close(): void;
}

export const bareCaller = (port: number): BareCaller => {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`);
  return {
    call: (headers, body) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ":method": "POST", te: "trailers", ...headers });
        const chunks: Buffer[] = [];
        const fields: string[] = [];
        let status = 0;
        stream.on("response", (head, ...rest: unknown[]) => {
          status = head[":status"] ?? 0;
          fields.push(...(rest[1] as string[]));
        });
        stream.on("trailers", (_trailers, ...rest: unknown[]) => fields.push(...(rest[1] as string[])));
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("error", reject);
        stream.on("close", () => resolve({ status, fields, body: Buffer.concat(chunks) }));
        stream.end(body);
      }),
    close: () => session.destroy(),
  };
};
