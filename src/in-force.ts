/** What a configuration comes to: everything that is made of it and replaced with it. */

import type { PolicySet } from "../policy/index.ts";
import { callerSettings } from "./callers.ts";
import type { Config, Loaded } from "./config/index.ts";
import { compileEgress, type Egress } from "./connections/index.ts";
import type { TokenCounter } from "./enforcement/index.ts";
import type { IdentitySettings } from "./identity/index.ts";
import { KeptPrograms } from "./kept-programs.ts";
import { compileRules, countsTokens } from "./rules.ts";
import { loadTokenCounter } from "./tokens/index.ts";

/** What a reload replaces. */
export interface InForce {
  config: Config;
  policies: PolicySet;
  callers: IdentitySettings;
  egress: Egress;
  tokens: TokenCounter | undefined;
  /** The same for as long as the process runs: encryptionKey stays as well. */
  readonly programs: KeptPrograms;
}

/** Policies that count no tokens never ask; one that does has loaded the counter. */
export const noTokens: TokenCounter = { count: () => Number.POSITIVE_INFINITY };

/** Policies of an equal revision are equal, and compiled already. */
const policiesOf = (loaded: Loaded, before: InForce | undefined, programs: KeptPrograms): PolicySet =>
  before !== undefined && before.policies.revision === loaded.config.policyRevision ? before.policies : compileRules(loaded, programs);

/**
 * Makes everything that a configuration says, and puts nothing in force; what has not changed is taken over from `before`.
 * @throws ConfigError for what cannot be made.
 */
export const inForce = async (loaded: Loaded, before?: InForce): Promise<InForce> => {
  const programs = before?.programs ?? new KeptPrograms();
  return {
    config: loaded.config,
    policies: policiesOf(loaded, before, programs),
    callers: callerSettings(loaded),
    egress: compileEgress(loaded.config.egress.allow),
    tokens: before?.tokens ?? (countsTokens(loaded.config) ? await loadTokenCounter() : undefined),
    programs,
  };
};
