/** A decision in one sentence, for the record; callers never read it. It names policies and connections, never what a caller wrote. */

import type { Facts } from "./decision.ts";

/** The names of inference operations are ours; those of others may be a caller's path. */
const doing = ({ operation, connection }: Facts): string =>
  operation.class === "inference" ? `${operation.name} on ${connection}` : `a ${operation.class} operation on ${connection}`;

const policies = (rules: readonly string[]): string => `${rules.length === 1 ? "policy" : "policies"} ${rules.join(", ")}`;

/** Which policies allowed a call. */
export const explainAllow = (facts: Facts, rules: readonly string[]): string => `${doing(facts)}: allowed by ${policies(rules)}.`;

/** Which policies denied a call. */
export const explainDeny = (facts: Facts, rules: readonly string[]): string => `${doing(facts)}: denied by ${policies(rules)}.`;

/** Which policy could not be evaluated, which denies. Reads nothing of the call that may have been the cause. */
export const explainFailure = ({ connection }: Facts, rules: readonly string[]): string =>
  `a call on ${connection}: denied, since ${policies(rules)} could not be evaluated.`;

/** How near the allows came that did not suffice. `concerned`: those about this caller and connection; `fitting`: those of them that fit. */
export const explainNothing = (facts: Facts, concerned: readonly string[], fitting: readonly string[]): string => {
  if (concerned.length === 0) return `${doing(facts)}: no policy allows this caller there.`;
  if (fitting.length === 0) return `${doing(facts)}: ${policies(concerned)} fit the caller, but not the operation and model.`;
  return `${doing(facts)}: ${policies(fitting)} fit, but a feature of the request needs its exact name in a policy.`;
};
