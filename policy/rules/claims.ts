/** Conditions on the claims of a token, per issuer: CEL over `claims`. */

import { compileCondition } from "./expression.ts";

/** Whether claims meet a condition. One that cannot be evaluated, because a claim is not there or is of another kind, does not hold. */
export type ClaimCondition = (claims: Readonly<Record<string, unknown>>) => boolean;

/** Compiles a condition such as `claims.repository_id == "42" && claims.environment == "prod"`. Throws ExpressionError. */
export const compileClaimCondition = (source: string): ClaimCondition => {
  const condition = compileCondition(source, (environment) => environment.registerVariable("claims", "map<string, dyn>"));
  return (claims) => {
    try {
      return condition.test({ claims });
    } catch {
      return false;
    }
  };
};
