/** Stage 6: limits of use. What a call may use at most is taken before it is forwarded, and what it did not use is given back when it ends. */

import { GatewayError } from "../envelope/error.ts";
import type { TokenUsage } from "../envelope/message.ts";
import { outputLimitOf } from "./output-limit.ts";
import type { Ports, Reservation, TokenCounter } from "./ports.ts";
import type { Inspected } from "./stages.ts";

/** Assumed of an answer whose caller named no maximum, tokens: what models give unless asked for more. */
const usualOutput = 4_096;

/** What a call uses of its limits: settled once, on the larger of our count and the upstream's. */
export class Metered {
  readonly #counter: TokenCounter;
  readonly #reservation: Reservation;
  readonly #prompt: number;
  /** Whether the upstream has been asked: nothing is used before. */
  #asked = false;
  #output = 0;

  constructor(reservation: Reservation, prompt: number, counter: TokenCounter) {
    this.#reservation = reservation;
    this.#prompt = prompt;
    this.#counter = counter;
  }

  forwarded(): void {
    this.#asked = true;
  }

  /** Texts of the answer, as they come. */
  answered(texts: readonly string[]): void {
    if (texts.length > 0) this.#output += this.#counter.count(texts);
  }

  end(usage: TokenUsage | undefined): void {
    const own = this.#prompt + this.#output;
    this.#reservation.settle(this.#asked ? Math.max(own, (usage?.input ?? 0) + (usage?.output ?? 0)) : 0);
  }
}

/** Rejects with `quota_exceeded`. Undefined where no limit is about the call. */
export const reserve = async <Q>(ports: Ports, { permitted, promptTokens }: Inspected<Q>): Promise<Metered | undefined> => {
  const { obligations, principal, connections, incoming } = permitted;
  const { quotas: rules } = obligations;
  if (rules.length === 0) return undefined;
  const counts = rules.some(({ tokensPerDay }) => tokensPerDay !== undefined);
  const prompt = counts ? promptTokens() : 0;
  if (!Number.isFinite(prompt)) throw new GatewayError("internal", undefined, { note: "tokens are limited and nobody counts them" });
  const asked = incoming.maxOutputTokens ?? usualOutput;
  const most = prompt + Math.min(asked, outputLimitOf(permitted) ?? asked);
  const claim = { rules, principal, connection: connections[0].name, tokens: () => most };
  return new Metered(await ports.quotas.reserve(claim), prompt, ports.tokens);
};
