/** Finds the policies that are about a caller on a connection without looking at all of them. */

import type { Principal } from "../src/envelope/call.ts";
import { writtenNames } from "./rules/access.ts";
import type { CompiledPolicy } from "./unite.ts";

type ByName = ReadonlyMap<string, readonly CompiledPolicy[]>;

const byNames = (policies: readonly CompiledPolicy[], names: (policy: CompiledPolicy) => readonly string[]): ByName => {
  const found = new Map<string, CompiledPolicy[]>();
  for (const policy of policies) {
    for (const name of new Set(names(policy))) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [policy]);
      else known.push(policy);
    }
  }
  return found;
};

/** Policies by what their `match` asks of the caller: a policy stands under its identities, else under its groups, else it may be about anyone. */
export class ConcernedPolicies {
  readonly #byIdentity: ByName;
  readonly #byGroup: ByName;
  readonly #anyone: readonly CompiledPolicy[];
  /** Callers are the same objects from call to call while their credentials are cached; each is looked up once per connection. */
  readonly #known = new WeakMap<Principal, Map<string, readonly CompiledPolicy[]>>();

  constructor(policies: readonly CompiledPolicy[]) {
    const byGroup = policies.filter(({ document }) => document.match.identities === undefined);
    this.#byIdentity = byNames(policies, ({ document }) => document.match.identities ?? []);
    this.#byGroup = byNames(byGroup, ({ document }) => document.match.groups ?? []);
    this.#anyone = byGroup.filter(({ document }) => document.match.groups === undefined);
  }

  /** Every policy that is about this caller on this connection, in the order of the set. `connection` is a configured name, so that what is kept is bounded. */
  of(principal: Principal, connection: string): readonly CompiledPolicy[] {
    let known = this.#known.get(principal);
    if (known === undefined) {
      known = new Map();
      this.#known.set(principal, known);
    }
    let found = known.get(connection);
    if (found === undefined) {
      found = this.#find(principal, connection);
      known.set(connection, found);
    }
    return found;
  }

  #find(principal: Principal, connection: string): readonly CompiledPolicy[] {
    const candidates = new Set(this.#anyone);
    for (const name of writtenNames(principal)) for (const policy of this.#byIdentity.get(name) ?? []) candidates.add(policy);
    for (const group of principal.groups) for (const policy of this.#byGroup.get(group) ?? []) candidates.add(policy);
    return [...candidates].filter(({ access }) => access.concerns(principal, connection)).sort((a, b) => a.index - b.index);
  }
}
