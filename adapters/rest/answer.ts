/** Answers of REST upstreams, whole and streamed. */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer } from "../../src/envelope/exchange.ts";
import { collectBody, decodedBody } from "../shared/answer-body.ts";
import { soleHeader } from "../shared/headers.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { type BodyStream, ByteStream } from "./body-stream.ts";
import { restCodec } from "./codec.ts";
import type { Framing } from "./error.ts";
import { EventStream } from "./event-stream.ts";
import { type AnswerHeaders, type HeaderEdit, passingAnswerHeaders, splitHeaders } from "./headers.ts";
import { JoinedLanes } from "./joined.ts";
import { LineStream } from "./line-stream.ts";
import { type BodyKind, kindOf, syntaxOf } from "./media.ts";
import { emptyMessage, type RestMessage } from "./message.ts";
import { opaqueBody, textBody } from "./parts.ts";
import { jsonLengthHeader, readTensorAnswer } from "./tensors.ts";
import { TextStream } from "./text-stream.ts";

/** What of the order and the request bears on how an answer is read. */
export interface AnswerRules {
  readonly method: string;
  readonly masked: boolean;
  readonly joins: PlaceTable;
  /** Where a redirect leads its caller; undefined: nowhere. */
  readonly location: (value: string) => string | undefined;
  /** Bytes of an answer that must be whole to be read. */
  readonly limit: number;
}

/** A REST answer: the core's, and how its stream may still say something once it has begun. */
export type RestAnswer = Answer<RestMessage>;

/** Bytes up to which an answer whose length is known is masked as a whole; a longer one streams. */
const wholeBytes = 256 * 1024;

const noContent = 204;
const partialContent = 206;
const notModified = 304;

/** An entity tag of text that was masked names other bytes than those sent: at most it is a weak one (RFC 9110 section 8.8.1). */
const weakened = (tag: string): string => (tag.startsWith("W/") ? tag : `W/${tag}`);

/** What stands in a `Link` header's brackets (RFC 8288 section 3). */
const linkTarget = /<([^<>]*)>/g;

/** What is one caller's, masked by that caller's policies, is no shared cache's to keep (RFC 9111 section 5.2.2). */
const sharing = /\s*(?:public|s-maxage\s*=\s*"?\d*"?|proxy-revalidate)\s*(?:,|$)/gi;

const unshared = (value: string): string => {
  const directives = value.replace(sharing, "").replace(/,\s*$/, "").trim();
  return directives === "" ? "private" : /\b(?:private|no-store|no-cache)\b/i.test(directives) ? directives : `private, ${directives}`;
};

const editOf =
  ({ masked, location }: AnswerRules): HeaderEdit =>
  (name, value) => {
    switch (name) {
      case "location":
      case "content-location":
        return location(value);
      case "link":
        return value.replace(linkTarget, (_, target: string) => `<${location(target) ?? ""}>`);
      case "cache-control":
        return unshared(value);
      case "etag":
        return masked ? weakened(value) : value;
    }
    return value;
  };

const isBodiless = (method: string, status: number): boolean => method === "HEAD" || status === noContent || status === notModified;

const lengthOf = (rawHeaders: readonly string[]): number | undefined => {
  const value = soleHeader(rawHeaders, "content-length");
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
};

/** Kinds that are read as they come however short they are, because what they say comes bit by bit. */
const streams: ReadonlySet<BodyKind> = new Set(["events", "lines"]);

const readWhole = (bytes: Buffer, kind: BodyKind): RestMessage => {
  if (bytes.length === 0) return emptyMessage;
  if (kind === "media" || kind === "multipart" || !isUtf8(bytes)) return opaqueBody(bytes);
  const text = bytes.toString("utf8");
  return textBody(text, "assistant", kind === "json" ? "json" : syntaxOf(text));
};

const streamOf = (kind: BodyKind, joins: PlaceTable): BodyStream => {
  switch (kind) {
    case "events":
      return new EventStream({ table: joins, lineFeed: "\ndata: " }, new JoinedLanes());
    case "lines":
      return new LineStream({ table: joins, lineFeed: "\n" }, new JoinedLanes());
    case "json":
      return new TextStream("json");
    case "text":
    case "form":
    case "unknown":
      return new TextStream(undefined);
    case "multipart":
    case "media":
      return new ByteStream();
  }
};

/** The answer's headers as a message: the first of every answer. */
const headMessage = ({ texts }: AnswerHeaders, unreadable: boolean): RestMessage => ({
  ...emptyMessage,
  headers: texts,
  closings: texts.map(({ lane }) => ({ lane, complete: true })),
  visibility: unreadable ? "none" : "whole",
});

/** Runs a step that reads messages. What broke on its way is thrown once the messages before it have been passed on. */
function* reading(step: (out: RestMessage[]) => void): Generator<readonly RestMessage[]> {
  const out: RestMessage[] = [];
  let broken: { readonly thrown: unknown } | undefined;
  try {
    step(out);
  } catch (thrown) {
    broken = { thrown };
  }
  if (out.length > 0) yield out;
  if (broken !== undefined) throw broken.thrown;
}

async function* batchesOf(answer: UpstreamAnswer, first: RestMessage, stream: BodyStream): AsyncGenerator<readonly RestMessage[]> {
  try {
    yield [first];
    for await (const chunks of decodedBody(answer)) {
      yield* reading((out) => {
        for (const chunk of chunks) stream.push(chunk, out);
      });
    }
    yield* reading((out) => stream.end(out));
  } finally {
    answer.body.cancel("the answer is no longer wanted");
  }
}

async function* headOnly(first: RestMessage): AsyncGenerator<readonly RestMessage[]> {
  yield [first];
}

/** How a stream of this kind may still say something. */
export const framingOf = (contentType: string | undefined): Framing => {
  const kind = kindOf(contentType);
  return kind === "events" || kind === "lines" ? kind : "none";
};

const streamAnswer = (answer: UpstreamAnswer, headers: AnswerHeaders, kind: BodyKind, rules: AnswerRules): RestAnswer => {
  const { status, rawHeaders } = answer;
  const stream = streamOf(kind, rules.joins);
  const bytes = stream instanceof ByteStream;
  const length = bytes && soleHeader(rawHeaders, "content-encoding") === undefined ? lengthOf(rawHeaders) : undefined;
  const fixed = length === undefined ? headers.fixed : { ...headers.fixed, "content-length": String(length) };
  const first = headMessage(headers, bytes);
  return { kind: "stream", head: { status, headers: fixed }, batches: batchesOf(answer, first, stream), codec: stream.codec };
};

const tensorAnswer = async (answer: UpstreamAnswer, jsonLength: string, limit: number): Promise<RestMessage> => {
  const bytes = await collectBody(answer, limit);
  return readTensorAnswer(bytes, jsonLength) ?? opaqueBody(bytes);
};

/** Refuses a part that nobody asked for, and an answer that is of two types. Throws `upstream_invalid`. */
const refuseNonsense = ({ status, rawHeaders, body }: UpstreamAnswer): void => {
  const types = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "content-type");
  if (status !== partialContent && types.length <= 1) return;
  body.cancel("the answer cannot be read in one way");
  throw new GatewayError("upstream_invalid", undefined, { note: "the answer is a part that nobody asked for, or of two types" });
};

/** Reads an upstream's answer. Rejects with `upstream_*`; so does the stream. */
export const readAnswer = async (answer: UpstreamAnswer, rules: AnswerRules): Promise<RestAnswer> => {
  const { status, rawHeaders } = answer;
  refuseNonsense(answer);
  const headers = splitHeaders(passingAnswerHeaders(rawHeaders, editOf(rules)));
  const head = { status, headers: headers.fixed };
  if (isBodiless(rules.method, status)) {
    await collectBody(answer, 0);
    return { kind: "stream", head, batches: headOnly(headMessage(headers, false)), codec: new TextStream(undefined).codec };
  }
  const jsonLength = soleHeader(rawHeaders, jsonLengthHeader);
  const contentType = soleHeader(rawHeaders, "content-type");
  const kind = kindOf(contentType);
  if (jsonLength === undefined && (streams.has(kind) || (lengthOf(rawHeaders) ?? Number.POSITIVE_INFINITY) > wholeBytes)) {
    return streamAnswer(answer, headers, kind, rules);
  }
  const message =
    jsonLength === undefined
      ? readWhole(await collectBody(answer, rules.limit), kind)
      : await tensorAnswer(answer, jsonLength, rules.limit);
  return { kind: "message", head, message: { ...message, headers: headers.texts }, codec: restCodec };
};
