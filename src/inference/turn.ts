/** One call between the RPC library, which reads and writes its messages, and the core, which decides when it is read and what is answered. */

import { GatewayError } from "../envelope/error.ts";
import type { Head } from "../envelope/surface.ts";
import type { AskOpenai, OpenaiAnswer, Outlet } from "./openai.ts";

/** A promise and the ways to settle it; the first one counts. */
class Settling<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (reason: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whether anybody waits depends on how far the call comes.
    this.promise.catch(() => {});
  }
}

/** The response, and the caller's deadline: whichever ends the call first. */
class TurnOutlet implements Outlet {
  readonly #response: Outlet;
  readonly #closed: (() => void)[] = [];
  #given = false;
  #expired = false;

  constructor(response: Outlet) {
    this.#response = response;
    response.on("close", () => this.#close());
  }

  get writableFinished(): boolean {
    return this.#given || (!this.#expired && this.#response.writableFinished);
  }

  on(_event: "close", listener: () => void): this {
    this.#closed.push(listener);
    return this;
  }

  /** The whole answer has been taken. */
  given(): void {
    this.#given = true;
  }

  expire(): void {
    this.#expired = true;
    this.#close();
  }

  #close(): void {
    for (const listener of this.#closed.splice(0)) listener();
  }
}

export interface TurnOptions {
  readonly ask: AskOpenai;
  readonly head: Head;
  /** The path of the OpenAI API. */
  readonly path: string;
  readonly response: Outlet;
}

/**
 * States: arrived → admitted (the core knows the caller and wants the message) → asked (the message was translated) → answered.
 * The core may stop it in each; {@link end} stops one whose message never came.
 */
export class Turn {
  readonly session: string;
  readonly #admitted = new Settling<void>();
  readonly #message = new Settling<string>();
  readonly #outlet: TurnOutlet;
  readonly #answer: Promise<OpenaiAnswer>;

  constructor({ ask, head, path, response }: TurnOptions) {
    this.session = head.id;
    this.#outlet = new TurnOutlet(response);
    this.#answer = ask({ head, path, outlet: this.#outlet, body: () => this.#admit() });
    this.#answer.catch((thrown: unknown) => this.#admitted.reject(thrown));
  }

  /** Resolves once the caller is known and the body may be read; rejects with the GatewayError that stopped the call before. */
  get admitted(): Promise<void> {
    return this.#admitted.promise;
  }

  /** Hands the core what `translate` makes of the message; what that throws stops the call. `signal` is the RPC's own, with its deadline. */
  ask(translate: () => string, signal: AbortSignal): Promise<OpenaiAnswer> {
    if (signal.aborted) this.#outlet.expire();
    else signal.addEventListener("abort", () => this.#outlet.expire(), { once: true });
    try {
      this.#message.resolve(translate());
    } catch (thrown) {
      this.#message.reject(thrown);
    }
    return this.#answer;
  }

  /** The whole answer has been taken: who goes away now does not leave early. */
  given(): void {
    this.#outlet.given();
  }

  /** The RPC library is done with the call, whether or not a message came of it. */
  end(): void {
    this.#message.reject(new GatewayError("request_invalid", "The message could not be read."));
  }

  #admit(): Promise<string> {
    this.#admitted.resolve();
    return this.#message.promise;
  }
}
