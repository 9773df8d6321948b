/** Writes what the core serves to a caller's response, over HTTP/1.1 or HTTP/2. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { AnswerHead, Served } from "../../src/envelope/exchange.ts";
import { pendingAnswer, type Refusal, refusalHeaders } from "../../src/envelope/surface.ts";
import { breakOff, drained, endBroken, type HttpResponse, isGone } from "./http-server.ts";

/** How an adapter's messages become bytes. */
export interface WireForm<A> {
  /** The head that an answer begins with, where its first message says what stands there too; absent: as it is served. Throws where that cannot be told any more. */
  readonly head?: (served: Served<A>, first: A | undefined) => AnswerHead;
  /** A whole answer's body. */
  readonly body: (message: A) => string | Buffer;
  /** One message of a stream. */
  readonly part: (message: A) => string | Buffer;
  /** A whole answer where the caller waits in an event stream that has begun; absent: one event whose data it is. */
  readonly late?: (message: A) => string;
  readonly refusal: (error: GatewayError) => Refusal;
  /** The last words of a stream that failed after it had begun; undefined where its format has no place for any: then the answer breaks off. */
  readonly lastWords: (error: GatewayError) => string | undefined;
}

export interface Writing<A> {
  readonly response: HttpResponse;
  readonly session: string;
  readonly form: WireForm<A>;
}

type ServedStream<A> = Extract<Served<A>, { readonly kind: "stream" }>;

const writeHead = (head: AnswerHead, { response, session }: Pick<Writing<never>, "response" | "session">, length?: number): void => {
  const headers = ["x-request-id", session];
  for (const name of Object.keys(head.headers)) headers.push(name, head.headers[name] ?? "");
  if (length !== undefined) headers.push("content-length", String(length));
  response.writeHead(head.status, headers);
};

/** Text stays one string, which is written at once; bytes are joined only where there are some. */
const joined = <A>(batch: readonly A[], part: (message: A) => string | Buffer): string | Buffer => {
  let text = "";
  let bytes: Buffer[] | undefined;
  for (const message of batch) {
    const next = part(message);
    if (typeof next === "string") text += next;
    else {
      bytes ??= [];
      if (text !== "") bytes.push(Buffer.from(text));
      bytes.push(next);
      text = "";
    }
  }
  if (bytes === undefined) return text;
  if (text !== "") bytes.push(Buffer.from(text));
  return Buffer.concat(bytes);
};

/** The head goes out with the first batch, so that what fails before is a plain status. */
const writeStream = async <A>(served: ServedStream<A>, writing: Writing<A>): Promise<void> => {
  const { response, form } = writing;
  let begun = false;
  const begin = (first?: A): void => {
    begun = true;
    const head = form.head?.(served, first) ?? served.head;
    if (!response.headersSent) writeHead(head, writing);
  };
  for await (const batch of served.batches) {
    if (isGone(response)) throw new GatewayError("cancelled");
    if (!begun) begin(batch[0]);
    if (!response.write(joined(batch, form.part))) await drained(response);
  }
  if (!begun) begin();
  response.end();
};

/** A whole answer as the data of one event. */
export const asEvent = (body: string | Buffer): string =>
  `${body
    .toString("utf8")
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}`)
    .join("\n")}\n\n`;

/** Writes a served answer. Rejects with what its stream throws; then {@link writeFailure} has the last word. */
export const writeServed = async <A>(served: Served<A>, writing: Writing<A>): Promise<void> => {
  if (served.kind === "stream") return writeStream(served, writing);
  const { form } = writing;
  const body = form.body(served.message);
  if (writing.response.headersSent) {
    // The caller has waited for an event stream that never came: what came instead, an error of the upstream, is told inside it.
    endBroken(writing.response, form.late?.(served.message) ?? asEvent(body));
    return;
  }
  writeHead(form.head?.(served, served.message) ?? served.head, writing, Buffer.byteLength(body));
  writing.response.end(body);
};

/** Tells the caller that the call was stopped: with a status, or in the stream where one has begun. */
export const writeFailure = <A>(error: GatewayError, { response, session, form }: Writing<A>): void => {
  if (isGone(response) || response.writableEnded) return;
  if (response.headersSent) {
    const words = form.lastWords(error);
    if (words === undefined) breakOff(response);
    else endBroken(response, words);
    return;
  }
  const {
    contentType,
    body,
    status = error.ruling.http,
    headers: own,
  } = error.pending === undefined ? form.refusal(error) : pendingAnswer(error.pending);
  const headers = { ...refusalHeaders(error, session), ...own, "content-type": contentType, "content-length": Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
};
