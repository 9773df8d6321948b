/** Decides held requests by plan, at the replica that does not hold them. */

import { Code, ConnectError } from "@connectrpc/connect";
import { again, markOf, pendingIds, type Reviewing, reviewingAt } from "../../support/held/reviewing.ts";
import type { Replica } from "../../support/replicas.ts";
import type { Planned } from "./plan.ts";

/** What has been decided already, or is over, cannot be decided: an answer that was lost looks so when it is asked for again. */
const isOver = (thrown: unknown): boolean => ConnectError.from(thrown).code === Code.FailedPrecondition;

export class Decisions {
  /** Marks whose yes was used up, so that they waited again. */
  readonly usedUp = new Set<string>();
  readonly #planned: ReadonlyMap<string, Planned>;
  readonly #replicas: readonly Replica[];
  readonly #key: string;
  readonly #approved = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(planned: readonly Planned[], replicas: readonly Replica[], key: string) {
    this.#planned = new Map(planned.map((each) => [each.mark, each]));
    this.#replicas = replicas;
    this.#key = key;
  }

  /** Everything that waits and has not been looked at. */
  async pending(): Promise<readonly string[]> {
    return (await again(() => pendingIds(this.#at(1)))).filter((id) => !this.#seen.has(id));
  }

  /** Looks at one that waits, and decides it by its plan. A second yes for one request is never given: it is denied, and noted. */
  async decide(id: string): Promise<void> {
    this.#seen.add(id);
    const mark = await again(() => markOf(this.#at(1), id));
    const planned = this.#planned.get(mark);
    if (planned === undefined) throw new Error(`${id} is for a request that nobody made`);
    if (planned.plan === "expire") return;
    const client = (): Reviewing => this.#at(1 - planned.replica);
    if (planned.plan === "deny") return this.#say(() => client().denyRequest({ id, reason: "by plan" }));
    if (this.#approved.has(mark)) {
      this.usedUp.add(mark);
      return this.#say(() => client().denyRequest({ id, reason: "once" }));
    }
    this.#approved.add(mark);
    return this.#say(() => client().approveRequest({ id }));
  }

  async #say(call: () => Promise<unknown>): Promise<void> {
    try {
      await again(call);
    } catch (thrown) {
      if (!isOver(thrown)) throw thrown;
    }
  }

  #at(replica: number): Reviewing {
    return reviewingAt(this.#replicas[replica]?.adminUrl ?? "", this.#key);
  }
}
