/** Whole answers of APIs that speak JSON, errors of the upstream included. */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import type { AnswerHead } from "../../src/envelope/exchange.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import { collectBody } from "./answer-body.ts";
import { framedBytes, framedText } from "./document.ts";
import type { FramedMessage } from "./frame.ts";
import { type HeaderAllowance, passingHeaders, soleHeader } from "./headers.ts";
import { isJson, isUtf8Type, type MediaType, readMediaType } from "./media-type.ts";
import type { UpstreamAnswer } from "./upstream-http.ts";

const firstErrorStatus = 400;

/** Whether an answer is an error of the upstream. */
export const isError = ({ status }: UpstreamAnswer): boolean => status >= firstErrorStatus;

/** The type that an answer claims; undefined when it claims none, or two. */
export const typeOf = ({ rawHeaders }: UpstreamAnswer): MediaType | undefined => readMediaType(soleHeader(rawHeaders, "content-type"));

/** Whether an answer comes as an event stream; errors come whole. */
export const isEventStream = (answer: UpstreamAnswer): boolean => !isError(answer) && typeOf(answer)?.essence === "text/event-stream";

/** An answer's head with the headers that may pass. */
export const answerHead = ({ status, rawHeaders }: UpstreamAnswer, allowance: HeaderAllowance): AnswerHead => {
  const passing = passingHeaders(rawHeaders, allowance);
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < passing.length; at += 2) headers[passing[at] ?? ""] = passing[at + 1] ?? "";
  return { status, headers };
};

/** How an API's bodies are read. The readers of texts throw JsonError for what is no JSON. */
export interface BodyReading {
  /** Bytes of a whole answer, decoded. */
  readonly limit: number;
  /** Whether somebody has described the body, so that it is JSON; else it may be anything. */
  readonly described: boolean;
  readonly document: (text: string) => FramedMessage;
  readonly error: (text: string) => FramedMessage;
  /** Bodies of other types than JSON that the API has; absent, or undefined for a type: text as it is, anything else unread. */
  readonly other?: (type: MediaType | undefined) => ((text: string) => FramedMessage) | undefined;
}

const invalid = (note: string, cause?: unknown): GatewayError => new GatewayError("upstream_invalid", undefined, { note, cause });

const readText = (bytes: Buffer, type: MediaType | undefined, read: (text: string) => FramedMessage): FramedMessage => {
  if (!isUtf8Type(type) || !isUtf8(bytes)) throw invalid("the answer is not UTF-8");
  try {
    return read(bytes.toString("utf8"));
  } catch (thrown) {
    throw thrown instanceof JsonError ? invalid("the answer is not valid JSON", thrown) : thrown;
  }
};

/** An error's body: JSON where it is, else text, else opaque. An error that cannot be read must still reach the caller. */
const readError = (bytes: Buffer, type: MediaType | undefined, { error }: BodyReading): FramedMessage => {
  if (!isUtf8(bytes) || !isUtf8Type(type)) return framedBytes(bytes, false);
  const text = bytes.toString("utf8");
  try {
    return isJson(type) ? error(text) : framedText(text);
  } catch (thrown) {
    if (thrown instanceof JsonError) return framedText(text);
    throw thrown;
  }
};

const readOther = (bytes: Buffer, type: MediaType | undefined, { other }: BodyReading): FramedMessage => {
  if (bytes.length === 0) return framedText("");
  const read = other?.(type);
  if (read !== undefined) return readText(bytes, type, read);
  return framedBytes(bytes, isUtf8Type(type) && type?.essence.startsWith("text/") === true);
};

/** Reads a whole answer. Rejects with `upstream_*`. */
export const readJsonAnswer = async (answer: UpstreamAnswer, reading: BodyReading): Promise<FramedMessage> => {
  const type = typeOf(answer);
  const bytes = await collectBody(answer, reading.limit);
  if (isError(answer)) return readError(bytes, type, reading);
  if (isJson(type) && (reading.described || bytes.length > 0)) return readText(bytes, type, reading.document);
  if (reading.described) throw invalid("the answer is not JSON");
  return readOther(bytes, type, reading);
};
