/** Stage 5: whether a person must agree first; and if so, the call waits, and everything that let it come here is looked at again afterwards. */

import type { Decision, Facts } from "../../policy/decision.ts";
import type { ApprovalRule, Obligations, PromptText } from "../../policy/obligations.ts";
import type { Call, Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Exchange } from "../envelope/exchange.ts";
import type { ApprovalWish, AskingRule, Consent, Ports } from "./ports.ts";
import { recordedModel } from "./recorded-names.ts";
import { type Cleared, type Identified, type Inspected, proven } from "./stages.ts";

/** What rules about approvals look at. */
export interface ApprovalQuestion {
  readonly prompt: readonly PromptText[];
  readonly tokens: () => number;
  readonly facts: Facts;
}

/** A rule that cannot be evaluated asks: a doubt is for a person to settle. */
export const asks = (rule: ApprovalRule, { prompt, tokens, facts }: ApprovalQuestion): boolean => {
  try {
    return rule.applies(prompt, tokens, facts);
  } catch {
    return true;
  }
};

const asking = ({ approvals }: Obligations, question: ApprovalQuestion): readonly ApprovalRule[] =>
  approvals.filter((rule) => asks(rule, question));

const unavailable = (rules: readonly ApprovalRule[], why: string): GatewayError =>
  new GatewayError("approvals_unavailable", undefined, { note: `${why}; asked for by ${rules.map(({ policy }) => policy).join(", ")}` });

/** Throws `approvals_unavailable` where a rule asks for a person's yes to a later message of a stream: what has begun cannot be held. */
export const checkApprovals = (obligations: Obligations, question: ApprovalQuestion): void => {
  const rules = asking(obligations, question);
  if (rules.length > 0) throw unavailable(rules, "a message of a stream that is under way");
};

const reasonsOf = (rule: ApprovalRule, { prompt, tokens, facts }: ApprovalQuestion): readonly string[] => {
  try {
    return rule.reasons(prompt, tokens, facts);
  } catch {
    return ["a rule that could not be evaluated"];
  }
};

const toldOf = (rule: ApprovalRule, question: ApprovalQuestion): AskingRule => ({
  policy: rule.policy,
  reasons: reasonsOf(rule, question),
  reviewers: rule.reviewers,
  expires: rule.expires,
});

const samePrincipal = (one: Principal, other: Principal): boolean => one.issuer === other.issuer && one.subject === other.subject;

const sameRules = (one: Decision, other: Decision): boolean =>
  one.effect === other.effect && one.rules.join("\0") === other.rules.join("\0");

/**
 * A yes is for what was asked about: whoever waited is identified again, policies and the connection must be those that the reviewers saw, and policy must
 * decide at this moment, about whoever it is by now, as it did then.
 */
const lookAgain = async <Q>(ports: Ports, call: Call, { who, inspected }: Waited<Q>): Promise<void> => {
  const { permitted } = inspected;
  const { facts, decision } = permitted;
  const principal = await ports.identities.identify(call);
  if (!samePrincipal(principal, who.principal)) throw new GatewayError("credential_invalid");
  const changed = new GatewayError("approval_expired", "What this call needs was changed while it waited; send it again.");
  if (ports.policies().revision !== who.policies.revision) throw changed;
  const [connection] = permitted.connections;
  const now = ports.connections.resolve(call, permitted.incoming.model, (name) => name === connection.name);
  if (now.revision !== connection.revision) throw changed;
  if (!sameRules(who.policies.decide({ ...facts, principal, at: Date.now() }), decision)) throw changed;
};

/**
 * Waits for as long as the caller may be here at all: taking its access away ends the waiting at once. Rejects with `credential_revoked`, and with what
 * settling rejects with.
 */
export const settleStanding = async (
  { access, approvals }: Pick<Ports, "access" | "approvals">,
  wish: ApprovalWish,
): Promise<readonly Consent[]> => {
  const { principal, connection, signal } = wish;
  const cut = new AbortController();
  const unwatch = access.watch(principal, connection.name, () => cut.abort());
  try {
    access.check(principal, connection.name);
    return await approvals.settle({ ...wish, signal: AbortSignal.any([signal, cut.signal]) });
  } catch (thrown) {
    throw cut.signal.aborted ? new GatewayError("credential_revoked") : thrown;
  } finally {
    unwatch();
  }
};

interface Waited<Q> {
  readonly who: Identified;
  readonly inspected: Inspected<Q>;
}

/**
 * Waits for a person where a policy asks for one. Rejects with `approval_pending`, `approval_denied`, `approval_expired`, `approvals_unavailable`, `quota_exceeded`, `cancelled`,
 * `credential_revoked`, and with what identifying the caller again rejects with.
 */
export const approve = async <Q, A>(ports: Ports, exchange: Exchange<Q, A>, waited: Waited<Q>): Promise<Cleared<Q>> => {
  const { who, inspected } = waited;
  const { prompt, promptTokens, permitted, masked } = inspected;
  const question: ApprovalQuestion = { prompt, tokens: promptTokens, facts: permitted.facts };
  const rules = asking(permitted.obligations, question);
  if (rules.length === 0) return proven<Cleared<Q>>({ inspected, consents: [] });
  const { incoming, connections, principal } = permitted;
  if (incoming.exact === undefined) throw unavailable(rules, "nothing to bind it to");
  exchange.held?.(incoming.message);
  const consents = await settleStanding(ports, {
    call: exchange.call,
    signal: exchange.call.signal,
    principal,
    connection: connections[0],
    model: recordedModel(who.policies, incoming.model),
    policyRevision: who.policies.revision,
    rules: rules.map((rule) => toldOf(rule, question)),
    texts: masked,
    unseen: incoming.unseen,
    exact: incoming.exact(),
  });
  await lookAgain(ports, exchange.call, waited);
  return proven<Cleared<Q>>({ inspected, consents });
};
