/** Stage 5: whether a person must agree first. */

import { GatewayError } from "../envelope/error.ts";
import { type Cleared, type Inspected, proven } from "./stages.ts";

/** Rejects with `approvals_unavailable` where a policy asks for a person's yes: holding requests is not built yet, and no yes means no. */
export const approve = <Q>(inspected: Inspected<Q>): Cleared<Q> => {
  const { prompt, promptTokens, permitted } = inspected;
  const asking = permitted.obligations.approvals.filter((rule) => rule.applies(prompt, promptTokens));
  if (asking.length === 0) return proven<Cleared<Q>>({ inspected });
  const names = asking.map((rule) => rule.policy).join(", ");
  throw new GatewayError("approvals_unavailable", undefined, { note: `approval asked for by ${names}` });
};
