/** Stage 5: whether a person must agree first; and if so, the call waits, and everything that let it come here is looked at again afterwards. */

import type { ApprovalRule, Obligations, PromptText } from "../../policy/obligations.ts";
import type { Call, Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Exchange } from "../envelope/exchange.ts";
import type { AskingRule, Ports } from "./ports.ts";
import { type Cleared, type Identified, type Inspected, proven } from "./stages.ts";

const asking = ({ approvals }: Obligations, prompt: readonly PromptText[], tokens: () => number): readonly ApprovalRule[] =>
  approvals.filter((rule) => rule.applies(prompt, tokens));

const unavailable = (rules: readonly ApprovalRule[], why: string): GatewayError =>
  new GatewayError("approvals_unavailable", undefined, { note: `${why}; asked for by ${rules.map(({ policy }) => policy).join(", ")}` });

/** Throws `approvals_unavailable` where a rule asks for a person's yes to a later message of a stream: what has begun cannot be held. */
export const checkApprovals = (obligations: Obligations, prompt: readonly PromptText[], tokens: () => number): void => {
  const rules = asking(obligations, prompt, tokens);
  if (rules.length > 0) throw unavailable(rules, "a message of a stream that is under way");
};

const toldOf = (rule: ApprovalRule, prompt: readonly PromptText[], tokens: () => number): AskingRule => ({
  policy: rule.policy,
  reasons: rule.reasons(prompt, tokens),
  reviewers: rule.reviewers,
  expires: rule.expires,
});

const samePrincipal = (one: Principal, other: Principal): boolean => one.issuer === other.issuer && one.subject === other.subject;

/** A yes is for what was asked about: whoever waited is identified again, and policies and the connection must be those that the reviewers saw. */
const lookAgain = async <Q>(ports: Ports, call: Call, { who, inspected }: Waited<Q>): Promise<void> => {
  const { permitted } = inspected;
  const principal = await ports.identities.identify(call);
  if (!samePrincipal(principal, who.principal)) throw new GatewayError("credential_invalid");
  const changed = new GatewayError("approval_expired", "What this call needs was changed while it waited; send it again.");
  if (ports.policies().revision !== who.policies.revision) throw changed;
  const [connection] = permitted.connections;
  const now = ports.connections.resolve(call, permitted.incoming.model, (name) => name === connection.name);
  if (now.revision !== connection.revision) throw changed;
};

interface Waited<Q> {
  readonly who: Identified;
  readonly inspected: Inspected<Q>;
}

/**
 * Waits for a person where a policy asks for one. Rejects with `approval_denied`, `approval_expired`, `approvals_unavailable`, `quota_exceeded`, `cancelled`, and
 * with what identifying the caller again rejects with.
 */
export const approve = async <Q, A>(ports: Ports, exchange: Exchange<Q, A>, waited: Waited<Q>): Promise<Cleared<Q>> => {
  const { who, inspected } = waited;
  const { prompt, promptTokens, permitted, masked } = inspected;
  const rules = asking(permitted.obligations, prompt, promptTokens);
  if (rules.length === 0) return proven<Cleared<Q>>({ inspected });
  const { incoming, connections, principal } = permitted;
  if (incoming.exact === undefined) throw unavailable(rules, "nothing to bind it to");
  exchange.held?.();
  await ports.approvals.settle({
    call: exchange.call,
    principal,
    connection: connections[0],
    model: incoming.model,
    policyRevision: who.policies.revision,
    rules: rules.map((rule) => toldOf(rule, prompt, promptTokens)),
    texts: masked,
    unseen: incoming.unseen ?? [],
    exact: incoming.exact(),
  });
  await lookAgain(ports, exchange.call, waited);
  return proven<Cleared<Q>>({ inspected });
};
