/** A caller's body, read within limits: of bytes as they arrive and as they inflate, and of time. */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { HttpRequest, HttpResponse } from "./http-server.ts";
import { type ContentCoding, inflate, readContentCoding } from "./inflate.ts";
import { isJson, isUtf8Type, readMediaType } from "./media-type.ts";

export interface BodyLimits {
  /** Bytes, before and after a content coding is undone. */
  readonly bytes: number;
  /** Milliseconds from the first look for the body to its last byte. */
  readonly time: number;
}

/** 10 MiB holds a prompt of millions of tokens or several images. */
export const defaultBodyLimits: BodyLimits = { bytes: 10 * 1024 * 1024, time: 30_000 };

/** A JSON body: the bytes as the caller meant them (inflated), and the same as text. */
export interface JsonBody {
  readonly bytes: Buffer;
  readonly text: string;
}

const tooLarge = (): GatewayError => new GatewayError("request_too_large");

const checkMediaType = ({ headers }: HttpRequest): void => {
  const type = readMediaType(headers["content-type"]);
  if (!isJson(type)) throw new GatewayError("media_type_unsupported", "The request body must be application/json.");
  if (!isUtf8Type(type)) throw new GatewayError("media_type_unsupported", "The request body must be UTF-8.");
};

const codingOf = ({ headers }: HttpRequest): ContentCoding => {
  const coding = readContentCoding(headers["content-encoding"]);
  if (coding === undefined) throw new GatewayError("media_type_unsupported", "The request body's content coding is not supported.");
  return coding;
};

/** A body that has arrived already: then there is nothing to wait for, and it is in the request's own buffer. undefined otherwise. */
const arrivedWire = (request: HttpRequest, limits: BodyLimits): Buffer | undefined => {
  if (request.stream !== undefined || !request.complete) return undefined;
  if (request.readableLength > limits.bytes) throw tooLarge();
  const bytes: unknown = request.read();
  return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
};

/** What arrives on the wire. Rejects when it is too much, too slow, or breaks off. */
const readWire = (request: HttpRequest, limits: BodyLimits): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (request.aborted) return reject(new GatewayError("cancelled"));
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (error?: GatewayError): void => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      // Nobody else listens: a socket that breaks later must not end the process.
      request.on("error", () => {});
      if (error === undefined) resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
      else reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.bytes) settle(tooLarge());
      else chunks.push(chunk);
    };
    // Over HTTP/2 a request that was broken off ends like any other.
    const onEnd = (): void => settle(request.aborted ? new GatewayError("cancelled") : undefined);
    const onClose = (): void => settle(new GatewayError("cancelled"));
    const timer = setTimeout(() => settle(new GatewayError("request_timeout")), limits.time);
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });

async function* once(bytes: Buffer): AsyncGenerator<readonly Buffer[]> {
  yield [bytes];
}

const inflated = async (coded: Buffer, coding: ContentCoding, limits: BodyLimits): Promise<Buffer> => {
  if (coding === "identity") return coded;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const [chunk] of inflate(once(coded), coding)) {
      if (chunk === undefined) continue;
      size += chunk.length;
      if (size > limits.bytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    throw new GatewayError("request_invalid", "The request body is not what its content coding says.", { cause: thrown });
  }
  return Buffer.concat(chunks, size);
};

/**
 * Reads a body of any type, its content coding undone. Rejects with `media_type_unsupported` (a coding that is not known, or more than one),
 * `request_too_large`, `request_timeout`, `request_invalid` (not what its coding says), or `cancelled`.
 */
export const readBody = async (request: HttpRequest, response: HttpResponse, limits: BodyLimits): Promise<Buffer> => {
  const coding = codingOf(request);
  if (Number(request.headers["content-length"] ?? 0) > limits.bytes) throw tooLarge();
  if (request.headers.expect !== undefined) response.writeContinue();
  return inflated(arrivedWire(request, limits) ?? (await readWire(request, limits)), coding, limits);
};

/** Reads a JSON body. Rejects as {@link readBody} does, and for what is no JSON by its type or no UTF-8. */
export const readJsonBody = async (request: HttpRequest, response: HttpResponse, limits: BodyLimits): Promise<JsonBody> => {
  checkMediaType(request);
  const bytes = await readBody(request, response, limits);
  if (!isUtf8(bytes)) throw new GatewayError("request_invalid", "The request body is not UTF-8.");
  return { bytes, text: bytes.toString("utf8") };
};

/** Whether a request announces a body (RFC 9112 section 6.3), or over HTTP/2 has not ended with its head. */
export const hasBody = ({ headers, stream }: HttpRequest): boolean => {
  if (stream !== undefined) return !stream.endAfterHeaders;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
};
