/** A core that decides nothing: it lets every call through to one set of connections, with its text changed by a function. For tests of what is around the core. */

import type { Identities } from "../../src/enforcement/index.ts";
import type { Connection } from "../../src/envelope/call.ts";
import type { Answer, CallersObjects, Exchange, Incoming, Order, Serve, Served, StoredObject } from "../../src/envelope/exchange.ts";
import type { StreamCodec } from "../../src/envelope/message.ts";

export interface PlainCore {
  readonly serve: Serve;
  /** What was read of the calls, in order. */
  readonly seen: Incoming<unknown>[];
  /** What adapters said that upstreams keep. */
  readonly claimed: readonly StoredObject[];
  /** What calls and their streams were stopped by. */
  readonly failures: unknown[];
}

export interface PlainCoreOptions {
  readonly connections: readonly [Connection, ...Connection[]];
  /** Changes each text of an answer; the texts of a stream span by span. */
  readonly change?: (text: string) => string;
  readonly masked?: boolean;
  readonly mayUse?: Order<unknown>["mayUse"];
  /** Refuses callers as the real core does; absent: everybody is welcome. */
  readonly identities?: Identities;
}

const same = (text: string): string => text;

const changed = <A>(message: A, codec: Pick<StreamCodec<A>, "spans" | "rewrite">, change: (text: string) => string): A =>
  codec.rewrite(
    message,
    codec.spans(message).map(({ text }) => change(text)),
  );

async function* changedBatches<A>(answer: Extract<Answer<A>, { kind: "stream" }>, change: (text: string) => string, failures: unknown[]) {
  try {
    for await (const batch of answer.batches) yield batch.map((message) => changed(message, answer.codec, change));
  } catch (thrown) {
    failures.push(thrown);
    throw thrown;
  }
}

export const plainCore = (options: PlainCoreOptions): PlainCore => {
  const seen: Incoming<unknown>[] = [];
  const failures: unknown[] = [];
  const { connections, change = same, masked = false, mayUse = () => true } = options;
  const claimed: StoredObject[] = [];
  const objects: CallersObjects = {
    mine: async (asked) => asked.filter(({ id }) => claimed.some((known) => known.id === id)),
    claim: async (made) => void claimed.push(...made),
  };
  const run = async <Q, A>(exchange: Exchange<Q, A>): Promise<unknown> => {
    await options.identities?.identify(exchange.call);
    const incoming = await exchange.read();
    seen.push(incoming);
    const message = changed(incoming.message, incoming.codec, same);
    const answer = await exchange.forward(
      { message, more: incoming.more?.batches, connections, mayUse, masked, outputTokens: undefined },
      objects,
    );
    return answer.kind === "message"
      ? { ...answer, message: changed(answer.message, answer.codec, change) }
      : { ...answer, batches: changedBatches(answer, change, failures) };
  };
  const serve = async <Q, A>(exchange: Exchange<Q, A>): Promise<Served<A>> => {
    try {
      return (await run(exchange)) as Served<A>;
    } catch (thrown) {
      failures.push(thrown);
      throw thrown;
    }
  };
  return { serve, seen, claimed, failures };
};
