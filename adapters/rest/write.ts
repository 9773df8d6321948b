/** Writes what the core serves to the caller: headers first, which are texts of the answer's first message. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Served } from "../../src/envelope/exchange.ts";
import { HeldAnswer } from "../shared/held-answer.ts";
import type { HttpResponse } from "../shared/http-server.ts";
import { type WireForm, type Writing, writeFailure, writeServed } from "../shared/http-writer.ts";
import { framingOf } from "./answer.ts";
import { type Framing, restLastWords, restRefusal } from "./error.ts";
import { headersOf } from "./headers.ts";
import { bodyOf, type RestMessage } from "./message.ts";

/** One call's way back: what its failures may say depends on how far its answer has come. */
export class AnswerWriter implements Writing<RestMessage> {
  readonly response: HttpResponse;
  readonly session: string;
  readonly #held: HeldAnswer;
  /** How the answer may still say something once it has begun: it may begin as events, while its call is held. */
  #framing: Framing = "events";

  readonly form: WireForm<RestMessage> = {
    body: bodyOf,
    part: bodyOf,
    refusal: (error) => restRefusal(error, this.session),
    lastWords: (error) => restLastWords(error, this.session, this.#framing),
  };

  constructor(response: HttpResponse, session: string) {
    this.response = response;
    this.session = session;
    this.#held = new HeldAnswer(response, session);
  }

  /** The call waits for a person; `streams`: its caller waits for events. */
  hold(streams: boolean): void {
    this.#held.begin(streams);
  }

  /** The call was stopped. */
  fail(error: GatewayError): void {
    this.#held.end();
    writeFailure(error, this);
  }

  /** Rejects with what the answer's stream throws, and with `upstream_invalid` where another stream comes than the events that its caller has waited in. */
  async write(served: Served<RestMessage>): Promise<void> {
    this.#held.end();
    if (served.kind === "message") return writeServed({ ...served, head: this.#head(served, served.message) }, this);
    const messages = served.batches[Symbol.asyncIterator]();
    const first = await messages.next();
    try {
      const head = first.done === true ? served.head : this.#head(served, first.value[0]);
      await writeServed({ ...served, head, batches: { [Symbol.asyncIterator]: () => messages } }, this);
    } finally {
      // Whatever was not read, where the head already was not what the caller waits for, is left.
      await messages.return?.();
    }
  }

  #head({ head, kind }: Served<RestMessage>, message: RestMessage | undefined): Served<RestMessage>["head"] {
    const headers = message === undefined ? head.headers : { ...head.headers, ...headersOf(message) };
    const framing = framingOf(headers["content-type"]);
    if (!this.response.headersSent) this.#framing = framing;
    else if (framing !== "events" && kind === "stream") throw new GatewayError("upstream_invalid", undefined, { note: "no events came" });
    return { status: head.status, headers };
  }
}
