/** Writes what the core serves to the caller: headers first, which are texts of the answer's first message. */

import type { Served } from "../../src/envelope/exchange.ts";
import type { HttpResponse } from "../shared/http-server.ts";
import { type WireForm, type Writing, writeServed } from "../shared/http-writer.ts";
import { framingOf } from "./answer.ts";
import { restLastWords, restRefusal } from "./error.ts";
import { headersOf } from "./headers.ts";
import { bodyOf, type RestMessage } from "./message.ts";

/** One call's way back: what its failures may say depends on how far its answer has come. */
export class AnswerWriter implements Writing<RestMessage> {
  readonly response: HttpResponse;
  readonly session: string;
  #contentType: string | undefined;

  readonly form: WireForm<RestMessage> = {
    body: bodyOf,
    part: bodyOf,
    refusal: (error) => restRefusal(error, this.session),
    lastWords: (error) => restLastWords(error, this.session, framingOf(this.#contentType)),
  };

  constructor(response: HttpResponse, session: string) {
    this.response = response;
    this.session = session;
  }

  /** Rejects with what the answer's stream throws. */
  async write(served: Served<RestMessage>): Promise<void> {
    if (served.kind === "message") return writeServed({ ...served, head: this.#head(served, served.message) }, this);
    const messages = served.batches[Symbol.asyncIterator]();
    const first = await messages.next();
    const head = first.done === true ? served.head : this.#head(served, first.value[0]);
    return writeServed({ ...served, head, batches: { [Symbol.asyncIterator]: () => messages } }, this);
  }

  #head({ head }: Served<RestMessage>, message: RestMessage | undefined): Served<RestMessage>["head"] {
    const headers = message === undefined ? head.headers : { ...head.headers, ...headersOf(message) };
    this.#contentType = headers["content-type"];
    return { status: head.status, headers };
  }
}
