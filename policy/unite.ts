/** Unites what several allows oblige the gateway to (ARCHITECTURE.md 1.2): the result does not depend on their order. */

import type { PolicyDocument } from "./document.ts";
import type { ApprovalRule, Obligations, RecordLevel } from "./obligations.ts";
import type { Programs } from "./programs.ts";
import type { AccessRule } from "./rules/access.ts";
import type { Condition } from "./rules/condition.ts";
import { smallest } from "./rules/limit.ts";
import { type CompiledPrompts, unitePrompts } from "./rules/prompt.ts";
import { type CompiledTools, uniteTools } from "./rules/tools.ts";

/** One policy, compiled. */
export interface CompiledPolicy {
  /** Its place in the set, by name. */
  readonly index: number;
  readonly document: PolicyDocument;
  readonly access: AccessRule;
  readonly prompts: CompiledPrompts;
  readonly approval: ApprovalRule | undefined;
  /** undefined: any tool. */
  readonly tools: CompiledTools | undefined;
  /** undefined: it has none. */
  readonly condition: Condition | undefined;
}

/** From the least to the most that is kept. */
const strictness: readonly RecordLevel[] = ["none", "metadata", "masked"];

/** The strictest record of several is the fullest one: what one policy wants on record, no other may keep off it. */
const strictest = (levels: readonly RecordLevel[]): RecordLevel => strictness.findLast((level) => levels.includes(level)) ?? "masked";

/** What a policy says of content that cannot be read: who masks or has rules about prompts or answers has a say, who does neither has none. */
const sayOnUnmaskable = ({ mask, prompts, answers }: PolicyDocument): "refuse" | "pass" | undefined => {
  if (mask !== undefined) return mask.onUnmaskable;
  return answers !== undefined || prompts.deny.length + prompts.allow.length + (prompts.topics?.length ?? 0) > 0 ? "refuse" : undefined;
};

const uniteUnmaskable = (documents: readonly PolicyDocument[]): "refuse" | "pass" => {
  const says = documents.map(sayOnUnmaskable);
  return says.includes("pass") && !says.includes("refuse") ? "pass" : "refuse";
};

/** Masks and approvals add up, of limits the smallest counts, of records the fullest, of retentions the longest. */
export const uniteObligations = (policies: readonly CompiledPolicy[], programs: Programs): Obligations => {
  const documents = policies.map(({ document }) => document);
  return {
    maskRequest: programs.forReader(documents, "request"),
    maskResponse: programs.forReader(documents, "response"),
    recordRequest: programs.forRecord(documents, "request"),
    recordResponse: programs.forRecord(documents, "response"),
    record: {
      request: strictest(documents.map(({ record }) => record.request)),
      response: strictest(documents.map(({ record }) => record.response)),
      retentionDays: Math.max(...documents.map(({ record }) => record.retentionDays)),
    },
    onUnmaskable: uniteUnmaskable(documents),
    prompts: unitePrompts(policies.map(({ prompts }) => prompts)),
    outputTokens: smallest(documents.map(({ outputTokens }) => outputTokens)),
    watchResponse: programs.forWatch(documents.filter(({ mode }) => mode === "observe")),
    promptTokens: smallest(documents.map(({ promptTokens }) => promptTokens)),
    tools: uniteTools(policies.flatMap(({ tools }) => tools ?? [])),
    approvals: policies.flatMap(({ approval }) => approval ?? []),
    quotas: documents.flatMap(({ name, quota, match }) => (quota === undefined ? [] : [{ ...quota, policy: name, groups: match.groups }])),
  };
};
