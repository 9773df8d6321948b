import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicies, type Decision, type Facts, type PolicyDocument } from "../../../policy/index.ts";
import { anyFacts, anyPolicy, anyScope, policies, toolNames } from "../../support/generated-policies.ts";
import { naiveDecision, naiveTerms, naiveToolRefusals } from "../../support/naive-policy.ts";
import { namedPrograms } from "../../support/named-programs.ts";

const compiled = (documents: readonly PolicyDocument[]) => compilePolicies(documents, namedPrograms());

/** What a decision comes to, without the objects it consists of. */
const told = (decision: Decision) => {
  if (decision.effect === "deny") return decision;
  const { approvals, prompts, tools, maskRequest, maskResponse, recordRequest, recordResponse, watchResponse, ...rest } =
    decision.obligations;
  return {
    ...decision,
    obligations: {
      ...rest,
      approvals: approvals.map(({ policy }) => policy),
      tools: toolNames.map((tool) => tools?.refusedBy(tool)),
      blocked: prompts?.blockedBy([{ author: "user", text: "a bomb, and my password" }]),
      programs: [maskRequest, maskResponse, recordRequest, recordResponse, watchResponse].map((program) => program?.hash),
    },
  };
};

const agree = (decision: Decision, documents: readonly PolicyDocument[], facts: Facts): void => {
  const { effect, rules } = decision;
  expect({ effect, rules }).toEqual(naiveDecision(documents, facts));
  if (decision.effect === "deny") return;
  for (const tool of toolNames)
    expect(decision.obligations.tools?.refusedBy(tool) ?? []).toEqual(naiveToolRefusals(documents, facts, tool));
};

const names = (documents: readonly PolicyDocument[]): ReadonlySet<string> => new Set(documents.map(({ name }) => name));

describe("the laws of decisions", () => {
  it("a thousand policies and any question agree with the rules read aloud", () => {
    fc.assert(
      fc.property(
        policies({ minLength: 1000, maxLength: 1000 }),
        fc.array(anyFacts, { minLength: 50, maxLength: 50 }),
        (documents, questions) => {
          const set = compiled(documents);
          for (const facts of questions) agree(set.decide(facts), documents, facts);
        },
      ),
      { numRuns: 4 },
    );
  });

  it("a few policies and any question agree with the rules read aloud", () => {
    fc.assert(
      fc.property(policies({ maxLength: 6 }), anyFacts, (documents, facts) => {
        agree(compiled(documents).decide(facts), documents, facts);
      }),
      { numRuns: 1000 },
    );
  });

  it("the same facts give the same decision, whatever the order of the policies", () => {
    const shuffled = policies({ maxLength: 6 }).chain((each) =>
      fc.tuple(fc.constant(each), fc.shuffledSubarray([...each], { minLength: each.length })),
    );
    fc.assert(
      fc.property(shuffled, anyFacts, ([documents, others], facts) => {
        const set = compiled(documents);
        const first = told(set.decide(facts));
        expect(told(set.decide(facts))).toEqual(first);
        expect(told(compiled(others).decide(facts))).toEqual(first);
      }),
    );
  });

  it("adding a deny never allows", () => {
    fc.assert(
      fc.property(policies({ maxLength: 5 }), anyPolicy, anyFacts, (documents, added, facts) => {
        const before = compiled(documents).decide(facts);
        const after = compiled([...documents, { ...added, name: "added", effect: "deny" }]).decide(facts);
        if (before.effect === "deny") expect(after.effect).toBe("deny");
      }),
      { numRuns: 500 },
    );
  });

  it("adding an allow drops no other allow's mask, limit, approval, rule about prompts, answers or tools, or record", () => {
    fc.assert(
      fc.property(policies({ minLength: 1, maxLength: 4 }), anyPolicy, anyFacts, (documents, added, facts) => {
        const before = compiled(documents).decide(facts);
        const after = compiled([...documents, { ...added, name: "added", effect: "allow" }]).decide(facts);
        if (before.effect === "deny" || after.effect === "deny") return;
        keepsAll(before.obligations, after.obligations);
      }),
      { numRuns: 500 },
    );
  });

  it("terms of tokens agree with the rules read aloud, whatever the order of the policies", () => {
    fc.assert(
      fc.property(policies({ maxLength: 6 }), anyFacts, anyScope, (documents, { principal }, scope) => {
        const { lifetime, approvals } = compiled(documents).tokenTerms(principal, scope);
        expect({ lifetime, approvals: approvals.map(({ policy }) => policy) }).toEqual(naiveTerms(documents, principal, scope));
      }),
      { numRuns: 1000 },
    );
  });

  it("adding an allow lets no token live longer, and drops no approval of one", () => {
    fc.assert(
      fc.property(policies({ maxLength: 4 }), anyPolicy, anyFacts, anyScope, (documents, added, { principal }, scope) => {
        const before = compiled(documents).tokenTerms(principal, scope);
        const after = compiled([...documents, { ...added, name: "added", effect: "allow" }]).tokenTerms(principal, scope);
        if (before.lifetime !== undefined) expect(after.lifetime).toBeLessThanOrEqual(before.lifetime);
        const names = ({ approvals }: typeof before): readonly string[] => approvals.map(({ policy }) => policy);
        expect(names(after)).toEqual(expect.arrayContaining([...names(before)]));
      }),
    );
  });

  it("a token for less is never bound by more than one for everything", () => {
    fc.assert(
      fc.property(policies({ maxLength: 5 }), anyFacts, anyScope, (documents, { principal }, scope) => {
        const set = compiled(documents);
        const all = set.tokenTerms(principal, { connections: undefined, models: undefined, operations: undefined });
        const some = set.tokenTerms(principal, scope);
        expect(all.lifetime ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(some.lifetime ?? Number.POSITIVE_INFINITY);
        expect(all.approvals).toEqual(expect.arrayContaining([...some.approvals]));
      }),
    );
  });

  it("what may be used is reached, and what is reached by nobody's policy may not be used", () => {
    fc.assert(
      fc.property(policies({ maxLength: 5 }), anyFacts, (documents, facts) => {
        const set = compiled(documents);
        const { principal, connection, model = "llama" } = facts;
        if (set.mayUse(principal, connection, model)) expect(set.reaches(principal, connection)).toBe(true);
        if (set.decide(facts).effect === "allow") expect(set.reaches(principal, connection)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("names only policies that there are", () => {
    fc.assert(
      fc.property(policies({ maxLength: 5 }), anyFacts, (documents, facts) => {
        for (const rule of compiled(documents).decide(facts).rules) expect(names(documents)).toContain(rule);
      }),
    );
  });
});

type Obligations = Extract<Decision, { effect: "allow" }>["obligations"];

const levels = ["none", "metadata", "masked"];

const keepsAll = (before: Obligations, after: Obligations): void => {
  for (const direction of ["maskRequest", "maskResponse", "recordRequest", "recordResponse"] as const) {
    const [had, has] = [before[direction], after[direction]].map((program) => program?.detectors.map(({ name }) => name) ?? []);
    expect(has).toEqual(expect.arrayContaining(had ?? []));
  }
  expect(after.promptTokens ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(before.promptTokens ?? Number.POSITIVE_INFINITY);
  expect(after.outputTokens ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(before.outputTokens ?? Number.POSITIVE_INFINITY);
  expect(after.approvals.map(({ policy }) => policy)).toEqual(expect.arrayContaining(before.approvals.map(({ policy }) => policy)));
  for (const tool of toolNames)
    expect(after.tools?.refusedBy(tool) ?? []).toEqual(expect.arrayContaining([...(before.tools?.refusedBy(tool) ?? [])]));
  const texts = [{ author: "user" as const, text: "a bomb, and my password" }];
  expect(after.prompts?.blockedBy(texts) ?? []).toEqual(expect.arrayContaining([...(before.prompts?.blockedBy(texts) ?? [])]));
  expect(after.record.retentionDays).toBeGreaterThanOrEqual(before.record.retentionDays);
  for (const direction of ["request", "response"] as const)
    expect(levels.indexOf(after.record[direction])).toBeGreaterThanOrEqual(levels.indexOf(before.record[direction]));
  const masked = before.maskRequest !== undefined || before.maskResponse !== undefined || before.prompts !== undefined;
  if (masked && before.onUnmaskable === "refuse") expect(after.onUnmaskable).toBe("refuse");
};
