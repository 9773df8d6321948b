/** Tools: which of them a request may offer to a model, and the model may call. */

import type { ToolDocument } from "../document.ts";
import type { ToolRules } from "../obligations.ts";
import { compileGlobs } from "./glob.ts";

/** One policy's rule about tools, compiled. */
export interface CompiledTools {
  readonly policy: string;
  readonly allows: (tool: string) => boolean;
}

/** Compiles one policy's rule: a tool that some `allow` fits and no `deny`. */
export const compileTools = (policy: string, { allow, deny }: ToolDocument): CompiledTools => {
  const [allowed, denied] = [compileGlobs(allow), compileGlobs(deny)];
  return { policy, allows: (tool) => allowed(tool) && !denied(tool) };
};

/** The rules of several policies: a tool must be allowed by every one of them. Undefined when there is none. */
export const uniteTools = (rules: readonly CompiledTools[]): ToolRules | undefined =>
  rules.length === 0 ? undefined : { refusedBy: (tool) => rules.flatMap(({ policy, allows }) => (allows(tool) ? [] : [policy])) };
