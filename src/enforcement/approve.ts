/** Stage 5: whether a person must agree first. */

import type { Obligations, PromptText } from "../../policy/obligations.ts";
import { GatewayError } from "../envelope/error.ts";
import { type Cleared, type Inspected, proven } from "./stages.ts";

/** Throws `approvals_unavailable` where a rule asks for a person's yes to these texts. */
export const checkApprovals = ({ approvals }: Obligations, prompt: readonly PromptText[], tokens: () => number): void => {
  const asking = approvals.filter((rule) => rule.applies(prompt, tokens));
  if (asking.length === 0) return;
  const names = asking.map((rule) => rule.policy).join(", ");
  throw new GatewayError("approvals_unavailable", undefined, { note: `approval asked for by ${names}` });
};

/** Rejects with `approvals_unavailable` where a policy asks for a person's yes: holding requests is not built yet, and no yes means no. */
export const approve = <Q>(inspected: Inspected<Q>): Cleared<Q> => {
  const { prompt, promptTokens, permitted } = inspected;
  checkApprovals(permitted.obligations, prompt, promptTokens);
  return proven<Cleared<Q>>({ inspected });
};
