/** The life of a request, on one screen. ARCHITECTURE.md 2.3 draws it. */

import { GatewayError } from "../envelope/error.ts";
import type { Exchange, Serve, Served } from "../envelope/exchange.ts";
import { approve } from "./approve.ts";
import { authorize } from "./authorize.ts";
import { follow } from "./follow.ts";
import { identify } from "./identify.ts";
import { inspect } from "./inspect.ts";
import { Ledger } from "./ledger.ts";
import { callersObjects, homesOf } from "./objects.ts";
import { outputBound } from "./output-limit.ts";
import type { Ports } from "./ports.ts";
import { reserve } from "./quota.ts";
import { recordedCall } from "./recorded-names.ts";
import { answerUnder, stand } from "./standing.ts";

/** The core: every call of every protocol goes through these stages, in this order, or is refused by one of them. */
export const makeServe =
  (ports: Ports): Serve =>
  async <Q, A>(exchange: Exchange<Q, A>): Promise<Served<A>> => {
    const { call } = exchange;
    const ledger = new Ledger(ports.recorder.open(recordedCall(ports.policies(), call)));
    try {
      const who = await identify(ports, call, ledger);
      const incoming = await exchange.read();
      const homes = await homesOf(ports, who.principal, incoming);
      const permitted = authorize(ports, call, { who, incoming, homes, ledger });
      const objects = await callersObjects(ports, permitted);
      const inspected = inspect(ports, permitted, ledger);
      const cleared = await approve(ports, exchange, { who, inspected });
      ledger.meter(await reserve(ports, inspected));
      const recorded = await ledger.clear(cleared);
      const standing = await stand(ports, permitted);
      ledger.metered?.forwarded();
      const answer = await answerUnder(standing, exchange.forward(recorded.order, objects));
      return await follow(answer, recorded.obligations, { ledger, standing, output: outputBound(ports, inspected, ledger) });
    } catch (thrown) {
      throw await ledger.fail(GatewayError.from(thrown));
    }
  };
