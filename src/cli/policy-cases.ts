/** A table of cases that policies are tried with: `weir policies test`. */

import { z } from "zod";
import type { Facts, PolicySet } from "../../policy/index.ts";
import { parseShaped, readConfig } from "../config/index.ts";
import { gatewayIssuer } from "../envelope/call.ts";
import { orRefuse } from "./configuration.ts";

const outcomes = ["allow", "deny", "blocked", "approval"] as const;
/** What becomes of a call: allowed, denied, blocked by a prompt rule, or held for a person's yes. */
export type CaseOutcome = (typeof outcomes)[number];

const caseSchema = z.strictObject({
  name: z.string(),
  identity: z
    .strictObject({
      name: z.string(),
      kind: z.enum(["human", "ci", "service", "agent", "anonymous"]).default("human"),
      issuer: z.string().default("corp"),
      groups: z.array(z.string()).default([]),
      email: z.string().optional(),
    })
    .default({ name: "somebody", kind: "human", issuer: "corp", groups: [] }),
  connection: z.string(),
  model: z.string().optional(),
  operation: z.string().default("chat.completions"),
  class: z.enum(["inference", "data", "control"]).default("inference"),
  features: z.array(z.string()).default([]),
  tools: z.array(z.string()).default([]),
  prompt: z.string().default(""),
  tokens: z.number().int().nonnegative().default(0),
  at: z.string().optional(),
  from: z.string().default("127.0.0.1"),
  expect: z.enum(outcomes),
  rules: z.array(z.string()).optional(),
});

/** One row of the table. */
export type PolicyCase = z.infer<typeof caseSchema>;

const tableSchema = z.union([z.array(caseSchema), z.strictObject({ cases: z.array(caseSchema) })], {
  error: "must be a list of cases, or a map with cases",
});

/** Reads a table: a list of cases, or an object with `cases`. Rejects with CommandFailed, by file, line and column. */
export const readCases = (file: string): Promise<readonly PolicyCase[]> =>
  orRefuse(() => {
    const table = parseShaped(readConfig(file), file, tableSchema);
    return Array.isArray(table) ? table : table.cases;
  });

const factsOf = ({ identity, connection, model, operation, class: kind, features, tools, at, from }: PolicyCase): Facts => ({
  principal: {
    kind: identity.kind,
    issuer: identity.kind === "anonymous" ? gatewayIssuer : identity.issuer,
    subject: identity.name,
    name: identity.name,
    email: identity.email,
    groups: identity.groups,
  },
  connection,
  model,
  operation: { name: operation, class: kind },
  features,
  tools,
  at: at === undefined ? Date.now() : Date.parse(at),
  remoteAddress: from,
});

/** What policies make of a case. */
export interface CaseResult {
  readonly outcome: CaseOutcome;
  readonly rules: readonly string[];
  readonly sentence: string;
}

/** Decides one case as a call would be. */
export const tryCase = (policies: PolicySet, row: PolicyCase): CaseResult => {
  const facts = factsOf(row);
  const decision = policies.decide(facts);
  const { rules, sentence } = decision;
  if (decision.effect === "deny") return { outcome: "deny", rules, sentence };
  const { prompts, promptTokens, approvals, tools } = decision.obligations;
  const refusing = row.tools.flatMap((tool) => tools?.refusedBy(tool).map((policy) => `${policy} tools (${tool})`) ?? []);
  if (refusing.length > 0) return { outcome: "deny", rules, sentence: `${sentence} Denied by ${refusing.join(", ")}.` };
  const texts = row.prompt === "" ? [] : [{ author: "user" as const, text: row.prompt }];
  const blocking = prompts?.blockedBy(texts) ?? [];
  const tooLong = promptTokens !== undefined && row.tokens > promptTokens;
  if (blocking.length > 0 || tooLong)
    return { outcome: "blocked", rules, sentence: `${sentence} Blocked by ${blocking.join(", ") || "the token limit"}.` };
  const asks = approvals.some((rule) => rule.applies(texts, () => row.tokens, facts));
  return { outcome: asks ? "approval" : "allow", rules, sentence };
};

/** Whether a result is what its row expects. */
export const isExpected = ({ expect, rules }: PolicyCase, result: CaseResult): boolean =>
  result.outcome === expect && (rules === undefined || JSON.stringify(rules.toSorted()) === JSON.stringify([...result.rules].sort()));
