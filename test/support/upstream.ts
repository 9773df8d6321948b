/** A scriptable upstream: a real HTTP server on a free port that answers as each test tells it to and remembers what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Connection, Timeouts } from "../../src/envelope/call.ts";

export interface UpstreamCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Resolves when the gateway closes this call's connection or the answer is over. */
  readonly closed: Promise<void>;
}

export type Script = (call: UpstreamCall, response: ServerResponse, socket: Socket) => void | Promise<void>;

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const patient: Timeouts = { connect: 2_000, firstByte: 10_000, idle: 10_000, total: 20_000 };

export class ScriptedUpstream {
  readonly calls: UpstreamCall[] = [];
  /** What the next calls are answered with. */
  script: Script = (_call, response) => {
    response.writeHead(500).end();
  };
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream();
    upstream.#server.on("connection", (socket) => {
      upstream.#sockets.add(socket);
      socket.on("close", () => upstream.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => upstream.#server.listen(0, "127.0.0.1", resolve));
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections open at this moment. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** A connection to this upstream, as the data path sees one. */
  connection(overrides: Partial<Connection> = {}): Connection {
    return {
      name: "gpt",
      revision: "1",
      protocol: "openai",
      upstream: `http://127.0.0.1:${this.port}/v1`,
      http: "1.1",
      credential: { header: "authorization", value: "Bearer upstream-key" },
      timeouts: patient,
      anonymous: false,
      ...overrides,
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    const call = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: await readAll(request), closed };
    this.calls.push(call);
    await this.script(call, response, request.socket);
  }
}

/** Answers with JSON. */
export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Script =>
  (_call, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  };

/** Answers with these pieces, each in a write of its own, as an event stream. */
export const pieces =
  (parts: readonly (string | Buffer)[], headers: Record<string, string> = {}): Script =>
  async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    for (const part of parts) {
      if (!response.write(part)) await drained(response);
    }
    response.end();
  };

/** Resolves once more may be written, or nothing can be. */
export const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });

/** Writes bytes on the socket that no HTTP server would, and closes it. */
export const rawBytes =
  (bytes: string): Script =>
  (_call, _response, socket) => {
    socket.end(bytes);
  };

/** A chunk of a streamed chat answer. */
export const chunkOf = (delta: Record<string, unknown>, rest: Record<string, unknown> = {}): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "gpt-4o-mini",
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  })}\n\n`;

/** A whole streamed answer that says these pieces of content. */
export const chatStream = (contents: readonly string[]): string[] => [
  chunkOf({ role: "assistant", content: "" }),
  ...contents.map((content) => chunkOf({ content })),
  chunkOf({}, { finish_reason: "stop" }),
  "data: [DONE]\n\n",
];

/** A whole answer that is no stream. */
export const chatAnswer = (content: string): unknown => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
});
