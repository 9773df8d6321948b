/** Stage 7: a caller's standing, checked again before the call is forwarded and watched for as long as it runs. */

import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Answer, Batches } from "../envelope/exchange.ts";
import type { Access, Ports } from "./ports.ts";
import type { Permitted } from "./stages.ts";

const revoked = (): GatewayError => new GatewayError("credential_revoked");

/** States: standing → revoked, or ended. What waits when access is taken away rejects at once, whatever the upstream does. */
export class Standing {
  readonly #unwatch: () => void;
  #isRevoked = false;
  #reject: ((error: GatewayError) => void) | undefined;
  #giveUp: (() => void) | undefined;

  constructor(access: Access, principal: Principal, connection: string) {
    this.#unwatch = access.watch(principal, connection, () => this.#cut());
  }

  /** The same promise, or a rejection with `credential_revoked`. One at a time. */
  during<T>(work: Promise<T>): Promise<T> {
    if (this.#isRevoked) return Promise.reject(revoked());
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
    });
  }

  /** The same batches, until access is taken away: then it throws `credential_revoked`, and the batches are given up. */
  batches<M>(batches: Batches<M>): Batches<M> {
    const iterator = batches[Symbol.asyncIterator]();
    const leave = async (): Promise<IteratorResult<readonly M[]>> => (await iterator.return?.()) ?? { done: true, value: undefined };
    // Not awaited: what waits for the upstream returns only once the upstream has said something.
    this.#giveUp = () => void leave().catch(() => undefined);
    return { [Symbol.asyncIterator]: () => ({ next: () => this.during(iterator.next()), return: leave }) };
  }

  /** The call is over: nobody watches it any longer. */
  end(): void {
    this.#reject = undefined;
    this.#giveUp = undefined;
    this.#unwatch();
  }

  #cut(): void {
    this.#isRevoked = true;
    this.#reject?.(revoked());
    this.#giveUp?.();
  }
}

/** An answer that came too late for its caller. */
const giveUp = <A>(answer: Answer<A>): void => {
  if (answer.kind === "stream")
    void answer.batches[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
};

/** What a call is forwarded under. Rejects with `credential_revoked`, and with `credential_invalid` where a token's requests are used up. */
export const stand = async <Q>({ access }: Ports, { principal, connections }: Permitted<Q>): Promise<Standing> => {
  if (principal.grant?.counted === true) await access.spend(principal);
  for (const { name } of connections) access.check(principal, name);
  return new Standing(access, principal, connections[0].name);
};

/** The upstream's answer, unless access is taken away first. */
export const answerUnder = async <A>(standing: Standing, forwarded: Promise<Answer<A>>): Promise<Answer<A>> => {
  try {
    return await standing.during(forwarded);
  } catch (thrown) {
    standing.end();
    forwarded.then(giveUp, () => undefined);
    throw thrown;
  }
};
