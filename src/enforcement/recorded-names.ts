/** Names that callers choose, as the record and reviewers have them: a secret may have been put there. */

import type { PolicySet } from "../../policy/decision.ts";
import type { Call } from "../envelope/call.ts";
import { maskedForRecord } from "./masked.ts";
import type { RecordedCall } from "./ports.ts";

/** Names remembered of one set of policies: calls name the same few models again and again. */
const mostNames = 1_000;

const known = new WeakMap<PolicySet, Map<string, string>>();

const namesOf = (policies: PolicySet): Map<string, string> => {
  const names = known.get(policies) ?? new Map<string, string>();
  known.set(policies, names);
  if (names.size >= mostNames) names.clear();
  return names;
};

const maskedName = (policies: PolicySet, name: string): string => {
  const names = namesOf(policies);
  const masked = names.get(name) ?? maskedForRecord(policies.recording, name);
  names.set(name, masked);
  return masked;
};

/** A model's name, masked as recorded texts are. Throws `masking_failed`. */
export const recordedModel = (policies: PolicySet, model: string | undefined): string | undefined =>
  model === undefined ? undefined : maskedName(policies, model);

/** A call, its operation's name masked where that may be the caller's path: those of inference operations are ours. Throws `masking_failed`. */
export const recordedCall = (policies: PolicySet, call: Call): RecordedCall => {
  const { id, receivedAt, surface, operation, remoteAddress } = call;
  if (operation.class === "inference") return call;
  return { id, receivedAt, surface, remoteAddress, operation: { ...operation, name: maskedName(policies, operation.name) } };
};
