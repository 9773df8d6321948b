/** The front door of policy. */

export { compilePolicies, type PolicyOptions } from "./decide.ts";
export type { Decision, Facts, PolicySet } from "./decision.ts";
export type { PolicyDocument } from "./document.ts";
export type { ProgramSource } from "./programs.ts";
export { compilePrompts, PromptPatternError } from "./rules/prompt.ts";
