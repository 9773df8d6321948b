/** A framed request as the core reads it: whole where its method takes one message, else opened, with its messages following. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Batches, Incoming } from "../../src/envelope/exchange.ts";
import type { UpstreamBody } from "../shared/upstream-body.ts";
import type { RpcLimits } from "./call.ts";
import { RpcCodec } from "./codec.ts";
import type { Metadata, RpcMark, RpcMessage, RpcPart } from "./message.ts";
import type { MessageEncoding, MethodMessages } from "./messages/index.ts";
import { Payload, plainFrame } from "./payload.ts";
import { bareFrame, bareFrames } from "./wire/bare-message.ts";
import { FrameReader } from "./wire/frame.ts";
import { Inflating, isReadable } from "./wire/message-coding.ts";
import { brokenMessage, codingMissing } from "./wire/wire-fault.ts";

/** A request whose head has been read. */
export interface FramedRequest {
  /** What of its metadata passes. */
  readonly metadata: Metadata;
  readonly body: UpstreamBody;
  /** The coding of its compressed messages. */
  readonly coding: string | undefined;
  /** How messages are written; undefined: in a way that nobody here can read. */
  readonly encoding: MessageEncoding | undefined;
  readonly method: MethodMessages | undefined;
  readonly limits: RpcLimits;
}

const mark: RpcMark = { kind: "mark" };

const tooLarge = (): GatewayError => new GatewayError("request_too_large");

const rawPart = (bytes: Buffer): RpcPart => ({ kind: "raw", bytes });

/** Finds the messages of a request in its bytes. */
class RequestMessages {
  readonly #frames: FrameReader;
  readonly #payload: (frame: Payload["frame"]) => Payload;

  constructor(request: FramedRequest, method: MethodMessages, encoding: MessageEncoding) {
    const { messageBytes } = request.limits;
    const inflating = new Inflating({ coding: request.coding, messageBytes, tooLarge, codingMissing, invalid: brokenMessage });
    const reading = { reader: method.request.open(encoding), inflating, frame: plainFrame };
    this.#frames = new FrameReader({ messageBytes, tooLarge });
    this.#payload = (frame) => new Payload(frame, reading);
  }

  read(chunks: readonly Buffer[]): Payload[] {
    const payloads: Payload[] = [];
    for (const chunk of chunks) this.#frames.push(chunk, (frame) => payloads.push(this.#payload(frame)));
    return payloads;
  }

  /** Throws `request_invalid` where the body ended within a message. */
  end(): void {
    if (this.#frames.partial) throw brokenMessage();
  }
}

async function* framedBatches(body: UpstreamBody, messages: RequestMessages): Batches<RpcMessage> {
  for await (const chunks of body) {
    const payloads = messages.read(chunks);
    if (payloads.length > 0) yield payloads;
  }
  messages.end();
  yield [mark];
}

async function* rawBatches(body: UpstreamBody): Batches<RpcMessage> {
  for await (const chunks of body) yield chunks.map(rawPart);
  yield [mark];
}

/** Reads a body to its end, within the time there is. Rejects with `request_timeout`, `cancelled`, or what `take` throws. */
const readToEnd = async (
  { body, limits }: Pick<FramedRequest, "body" | "limits">,
  take: (chunks: readonly Buffer[]) => void,
): Promise<void> => {
  const timer = setTimeout(() => body.fail(new GatewayError("request_timeout")), limits.readTime);
  try {
    for await (const chunks of body) take(chunks);
  } finally {
    clearTimeout(timer);
  }
};

const readAll = async (request: FramedRequest, messages: RequestMessages): Promise<readonly Payload[]> => {
  const payloads: Payload[] = [];
  await readToEnd(request, (chunks) => payloads.push(...messages.read(chunks)));
  messages.end();
  return payloads;
};

/** What a request says of itself to policy. Throws `request_invalid` where it names two models. */
const asked = (payloads: readonly Payload[]): Pick<Incoming<RpcMessage>, "model" | "maxOutputTokens"> => {
  const models = new Set(payloads.flatMap(({ read }) => read.models));
  if (models.size > 1) throw new GatewayError("request_invalid", "The request names more than one model.");
  const [model] = models;
  return { model, maxOutputTokens: payloads[0]?.read.maxOutputTokens };
};

const nothingAsked = { model: undefined, maxOutputTokens: undefined };
/** What no message of these protocols says: they have no tools, keep no objects, and concern one connection. */
const plain = { features: [], tools: [], exact: undefined, unseen: [], refers: [], everyConnection: false };

/** Resolves once everything has been read that the caller sent together with its head: a unary call's message, as a rule, which then goes on as one. */
const arrivals = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A request that nobody can read: whole where it has arrived, else with its bytes following. */
const readRaw = async ({ body, metadata }: FramedRequest): Promise<Incoming<RpcMessage>> => {
  const codec = new RpcCodec({ direction: "request", raw: true });
  await arrivals();
  const whole = body.arrived();
  const message: RpcMessage = { kind: "opening", status: 0, metadata, parts: (whole ?? []).map(rawPart) };
  const more = whole === undefined ? { batches: rawBatches(body), codec } : undefined;
  return { message, codec, more, ...nothingAsked, ...plain };
};

/** Whether a method takes one message, which it needs before it can answer. */
const takesOne = ({ kind }: MethodMessages): boolean => kind === "unary" || kind === "server-stream";

/** The bytes of a body without frames. Rejects with `request_too_large`, `request_timeout` or `cancelled`. */
const readBytes = async (request: FramedRequest): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  await readToEnd(request, (read) => {
    for (const chunk of read) size += chunk.length;
    if (size > request.limits.messageBytes) throw tooLarge();
    chunks.push(...read);
  });
  return Buffer.concat(chunks, size);
};

/** The one message of a unary request without a frame around it. */
const bareMessage = (bytes: Buffer, request: FramedRequest, method: MethodMessages, encoding: MessageEncoding): Incoming<RpcMessage> => {
  const { coding, limits, metadata } = request;
  const inflating = new Inflating({ coding, messageBytes: limits.messageBytes, tooLarge, codingMissing, invalid: brokenMessage });
  const reading = { reader: method.request.open(encoding), inflating, frame: bareFrames(coding) };
  const parts = [new Payload(bareFrame(bytes, coding), reading)];
  const codec = new RpcCodec({ direction: "request", raw: false });
  return { message: { kind: "opening", status: 0, metadata, parts }, codec, more: undefined, ...asked(parts), ...plain };
};

/**
 * Reads a unary request whose body, or `given` bytes, are its message (Connect). Rejects with `request_too_large`, `request_invalid`, `request_timeout` or
 * `cancelled`.
 */
export const readBare = async (request: FramedRequest, given?: Buffer): Promise<Incoming<RpcMessage>> => {
  const { method, encoding, metadata } = request;
  if (method !== undefined && encoding !== undefined && isReadable(request.coding)) {
    return bareMessage(given ?? (await readBytes(request)), request, method, encoding);
  }
  if (given === undefined) return readRaw(request);
  const codec = new RpcCodec({ direction: "request", raw: true });
  return { message: { kind: "opening", status: 0, metadata, parts: [rawPart(given)] }, codec, more: undefined, ...nothingAsked, ...plain };
};

/** A stream's first message, within the time there is; undefined where it ends without one. */
const readFirst = async (
  { body, limits }: Pick<FramedRequest, "body" | "limits">,
  batches: AsyncIterator<readonly RpcMessage[]>,
): Promise<{ readonly first: Payload | undefined; readonly rest: readonly RpcMessage[] }> => {
  const timer = setTimeout(() => body.fail(new GatewayError("request_timeout")), limits.readTime);
  try {
    const { value } = await batches.next();
    const [first, ...rest]: readonly RpcMessage[] = value ?? [];
    return first?.kind === "payload" ? { first, rest } : { first: undefined, rest: [] };
  } finally {
    clearTimeout(timer);
  }
};

async function* following(rest: readonly RpcMessage[], batches: AsyncIterator<readonly RpcMessage[]>): Batches<RpcMessage> {
  try {
    if (rest.length > 0) yield rest;
    for (let step = await batches.next(); step.done !== true; step = await batches.next()) yield step.value;
  } finally {
    await batches.return?.();
  }
}

/** A stream whose messages name models: it is decided about the first one before anything goes on, and about the others as they come. */
const readOpened = async (request: FramedRequest, messages: RequestMessages, codec: RpcCodec): Promise<Incoming<RpcMessage>> => {
  const batches = framedBatches(request.body, messages)[Symbol.asyncIterator]();
  const { first, rest } = await readFirst(request, batches);
  const parts = first === undefined ? [] : [first];
  const message: RpcMessage = { kind: "opening", status: 0, metadata: request.metadata, parts };
  return { message, codec, more: { batches: following(rest, batches), codec }, ...asked(parts), ...plain };
};

/**
 * Reads a request as far as it is needed before it goes on: a stream is waited for only where its messages name models, for else its caller may wait for the
 * answer's beginning.
 * Rejects with `request_too_large`, `request_invalid`, `request_timeout` or `cancelled`.
 */
export const readFramed = async (request: FramedRequest): Promise<Incoming<RpcMessage>> => {
  const { method, encoding, metadata, body } = request;
  if (method === undefined || encoding === undefined || !isReadable(request.coding)) return readRaw(request);
  const codec = new RpcCodec({ direction: "request", raw: false });
  const messages = new RequestMessages(request, method, encoding);
  if (takesOne(method)) {
    const parts = await readAll(request, messages);
    return { message: { kind: "opening", status: 0, metadata, parts }, codec, more: undefined, ...asked(parts), ...plain };
  }
  if (method.request.namesModel) return readOpened(request, messages, codec);
  const message: RpcMessage = { kind: "opening", status: 0, metadata, parts: [] };
  return { message, codec, more: { batches: framedBatches(body, messages), codec }, ...nothingAsked, ...plain };
};
