/** The sample model: a small server that speaks OpenAI's API, for `npm start` and the composition of containers. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { listen } from "../listen.ts";
import { completion, completionEvents } from "./chat.ts";
import { embeddings } from "./embeddings.ts";
import { naturalPace, type Pace } from "./pieces.ts";
import { chatModels, embeddingModel, isChatModel } from "./plan.ts";
import { type ChatRequest, chatRequest, embeddingsRequest } from "./request.ts";
import type { Random } from "./secrets.ts";

export interface SampleModelOptions {
  readonly address?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly pace?: Pace;
  readonly random?: Random;
}

export interface SampleModel {
  /** What a connection's `upstream` is: ends in `/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Largest request read, bytes: larger than any the gateway sends in its own tests. */
const largestBody = 64 * 1024 * 1024;

/** A request that is answered with an error of OpenAI's form. */
class ModelError extends Error {
  override readonly name = "ModelError";
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, message: string, code: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBody) throw new ModelError(413, "The request is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

const readAs = async <T>(schema: z.ZodType<T>, request: IncomingMessage): Promise<T> => {
  const body = await readBody(request);
  try {
    return schema.parse(JSON.parse(body));
  } catch (thrown) {
    if (!(thrown instanceof z.ZodError)) throw new ModelError(400, "We could not parse the JSON body of your request.");
    const [issue] = thrown.issues;
    throw new ModelError(400, `Invalid value at '${issue?.path.join(".") ?? ""}': ${issue?.message ?? "not valid"}.`);
  }
};

const sendJson = (response: ServerResponse, status: number, value: object): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

const refuse = (response: ServerResponse, thrown: unknown): void => {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, message, code } = thrown instanceof ModelError ? thrown : new ModelError(500, "The sample model failed.");
  const type = status < 500 ? "invalid_request_error" : "server_error";
  sendJson(response, status, { error: { message, type, param: null, code } });
};

const unknownModel = (model: string): ModelError => new ModelError(404, `The model '${model}' does not exist.`, "model_not_found");

/** Writes a stream as fast as the caller reads and no faster; stops when the caller leaves. */
const stream = async (response: ServerResponse, request: ChatRequest, random: Random, pace: Pace): Promise<void> => {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for await (const event of completionEvents(request, { random, pace, signal: gone.signal })) {
    if (!response.write(event)) await once(response, "drain", { signal: gone.signal });
  }
  response.end();
};

const modelList = (): object => ({
  object: "list",
  data: [...chatModels, embeddingModel].map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "weir" })),
});

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  { random = Math.random, pace = naturalPace }: SampleModelOptions,
): Promise<void> => {
  const path = (request.url ?? "").split("?", 1)[0];
  switch (`${request.method} ${path}`) {
    case "GET /v1/models":
      return sendJson(response, 200, modelList());
    case "POST /v1/chat/completions": {
      const chat = await readAs(chatRequest, request);
      if (!isChatModel(chat.model)) throw unknownModel(chat.model);
      return chat.stream === true ? await stream(response, chat, random, pace) : sendJson(response, 200, completion(chat, random));
    }
    case "POST /v1/embeddings": {
      const wanted = await readAs(embeddingsRequest, request);
      if (wanted.model !== embeddingModel) throw unknownModel(wanted.model);
      return sendJson(response, 200, embeddings(wanted));
    }
    default:
      throw new ModelError(404, `Unknown request URL: ${request.method} ${path}.`);
  }
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Starts the sample model. Rejects when the port is taken. */
export const startSampleModel = async (options: SampleModelOptions = {}): Promise<SampleModel> => {
  const { address = "127.0.0.1", port = 0 } = options;
  const server = createServer((request, response) => {
    answer(request, response, options).catch((thrown: unknown) => refuse(response, thrown));
  });
  const bound = await listen(server, port, address);
  return { url: `http://${address}:${bound}/v1`, close: () => close(server) };
};
