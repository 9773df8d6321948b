/** The front door of policy. */

export { compilePolicies, type PolicyOptions } from "./decide.ts";
export type { Decision, Facts, PolicySet } from "./decision.ts";
export type { PolicyDocument } from "./document.ts";
export type { ProgramSource } from "./programs.ts";
export { answerDetectors } from "./rules/answer.ts";
export { type ClaimCondition, compileClaimCondition } from "./rules/claims.ts";
export { ConditionError, compileCondition } from "./rules/condition.ts";
export { compileExpression, ExpressionError } from "./rules/expression.ts";
export { compilePrompts, PromptPatternError } from "./rules/prompt.ts";
export { topics, topicsNamed, UnknownTopic } from "./topics/index.ts";
