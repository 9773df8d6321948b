/** Conditions of a policy's match that depend on the moment of a call and where it comes from, and not only on who calls and what for. */

import type { Facts } from "../decision.ts";
import type { PolicyMatch } from "../document.ts";
import { compileExpression, ExpressionError } from "./expression.ts";
import { compileNetworks } from "./network.ts";
import { compileSchedule } from "./schedule.ts";

/** A condition that cannot be compiled, and which of a policy's it is. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
  readonly policy: string;
  readonly field: "times" | "networks" | "expression";
  /** UTF-16 offset in an expression; 0 elsewhere. */
  readonly position: number;

  constructor(policy: string, field: ConditionError["field"], problem: unknown) {
    super(problem instanceof Error ? problem.message : String(problem), { cause: problem });
    this.policy = policy;
    this.field = field;
    this.position = problem instanceof ExpressionError ? problem.position : 0;
  }
}

/** Whether a call meets the conditions; throws where an expression cannot be evaluated. */
export type Condition = (facts: Facts) => boolean;

const attempt = <T>(policy: string, field: ConditionError["field"], compile: () => T): T => {
  try {
    return compile();
  } catch (thrown) {
    throw new ConditionError(policy, field, thrown);
  }
};

/** Compiles a match's conditions; undefined when it has none. Throws {@link ConditionError}. */
export const compileCondition = (policy: string, { times, networks, expression }: PolicyMatch): Condition | undefined => {
  const conditions: Condition[] = [];
  if (times !== undefined) {
    const isOpen = attempt(policy, "times", () => compileSchedule(times));
    conditions.push(({ at }) => isOpen(at));
  }
  if (networks !== undefined) {
    const isIn = attempt(policy, "networks", () => compileNetworks(networks));
    conditions.push(({ remoteAddress }) => isIn(remoteAddress));
  }
  if (expression !== undefined) {
    const compiled = attempt(policy, "expression", () => compileExpression(expression, { prompt: false }));
    conditions.push((facts) => compiled.test(facts));
  }
  return conditions.length === 0 ? undefined : (facts) => conditions.every((holds) => holds(facts));
};
