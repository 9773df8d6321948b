/** A table of cases that policies are tried with: `weir policies test`. */

import { readFile } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Facts, PolicySet } from "../../policy/index.ts";
import { gatewayIssuer } from "../envelope/call.ts";
import { CommandFailed } from "./failure.ts";

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

/** A table of ten thousand cases has some two megabytes. */
const longestFile = 8 * 1024 * 1024;

/** Reads a table: a list of cases, or an object with `cases`. Rejects with CommandFailed, by file, line and column. */
export const readCases = async (file: string): Promise<readonly PolicyCase[]> => {
  const text = await readFile(file, "utf8").catch(() => {
    throw new CommandFailed(`${file} cannot be read.`);
  });
  if (text.length > longestFile) throw new CommandFailed(`${file} is too large.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw refusal(file, lines.linePos(broken.pos[0]), broken.message);
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  const parsed = z.union([z.array(caseSchema), z.strictObject({ cases: z.array(caseSchema) })]).safeParse(value);
  if (parsed.success) return Array.isArray(parsed.data) ? parsed.data : parsed.data.cases;
  const [issue] = z.array(caseSchema).safeParse(Array.isArray(value) ? value : Object(value).cases).error?.issues ?? parsed.error.issues;
  const path = Array.isArray(value) ? (issue?.path ?? []) : ["cases", ...(issue?.path ?? [])];
  const node: unknown = document.getIn(path, true) ?? document.getIn(path.slice(0, -1), true);
  const range: unknown = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  const offset: unknown = Array.isArray(range) ? range[0] : 0;
  throw refusal(
    file,
    lines.linePos(typeof offset === "number" ? offset : 0),
    `${path.join(".")}: ${issue?.message ?? "not a table of cases"}`,
  );
};

const refusal = (file: string, { line, col }: { line: number; col: number }, message: string): CommandFailed =>
  new CommandFailed(`${file}:${line}:${col}: ${message}`);

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
