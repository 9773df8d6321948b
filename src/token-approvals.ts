/** Tokens by policy: how long they may live, and a person's yes where a policy wants one. The place where `identity`, `policy` and `approvals` meet. */

import { hash } from "node:crypto";
import type { PolicySet } from "../policy/index.ts";
import { maskedForRecord, type Ports, settleStanding } from "./enforcement/index.ts";
import { GatewayError } from "./envelope/error.ts";
import { formatScope, type TokenAgreement, type TokenPlan } from "./identity/index.ts";

/** What stands in an approval where a call has its operation and its connection; no connection can be called so. */
const operation = { name: "token.issue", class: "control" } as const;
const place = "oauth/token";

const msPerSecond = 1_000;

/** What a reviewer reads that is asked for. */
const told = ({ scope, lifetime, requests }: TokenPlan): string => {
  const reach = formatScope(scope);
  const uses = requests === undefined ? "" : `, for ${requests} requests`;
  return `A token for ${reach === "" ? "everything that policies allow" : reach}, good for ${lifetime / msPerSecond} seconds${uses}.`;
};

/** The longest that a token may live by the policies in force, for whoever wants it with this scope. */
export const tokenLifetime =
  (policies: () => PolicySet) =>
  ({ holder, scope }: Pick<TokenPlan, "holder" | "scope">): number | undefined =>
    policies().tokenTerms(holder, scope).lifetime;

/**
 * Waits for a person where a policy wants one to agree to a token, as a call does: bound to who asks, scope, life, number of requests and the policies in
 * force, and used once.
 */
export const tokenAgreement =
  (policies: () => PolicySet, ports: Pick<Ports, "access" | "approvals">): TokenAgreement =>
  async (plan, { session, signal }) => {
    const set = policies();
    const rules = set.tokenTerms(plan.holder, plan.scope).approvals;
    if (rules.length === 0) return undefined;
    const sentence = told(plan);
    await settleStanding(ports, {
      call: { id: session, operation, prefersNotToWait: false, deadline: undefined },
      principal: plan.holder,
      connection: { name: place, revision: hash("sha256", sentence) },
      model: undefined,
      policyRevision: set.revision,
      rules: rules.map((rule) => ({ ...rule, reasons: ["a token is issued"] })),
      texts: [{ path: [], author: "data", text: maskedForRecord(set.recording, sentence) }],
      unseen: [],
      signal,
      exact: [operation.name, sentence],
    });
    return () => {
      if (policies().revision !== set.revision)
        throw new GatewayError("approval_expired", "What this token needs was changed while it waited; ask again.");
    };
  };
