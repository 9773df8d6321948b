import { describe, expect, it } from "vitest";
import { compilePolicies, type PolicyDocument } from "../../../policy/index.ts";
import { namedPrograms } from "../../support/named-programs.ts";
import { facts, policy } from "../../support/policy-facts.ts";

const compiled = (...documents: readonly PolicyDocument[]) => compilePolicies(documents, namedPrograms());
const watching = (document: PolicyDocument): PolicyDocument => ({ ...document, mode: "observe" });

describe("a policy that only observes", () => {
  it("denies nothing, and the sentence says that it would", () => {
    const decision = compiled(policy("a"), watching(policy("no", { effect: "deny" }))).decide(facts());
    expect(decision).toMatchObject({ effect: "allow", rules: ["a"] });
    expect(decision.sentence).toBe("chat.completions on gpt: allowed by policy a. In observe mode, no would deny.");
  });

  it("allows nothing, and what it would allow looks like what does not exist", () => {
    const set = compiled(watching(policy("a")));
    const decision = set.decide(facts());
    expect(decision).toMatchObject({ effect: "deny", rules: [] });
    expect(decision.sentence).toContain("In observe mode, a would");
    expect(set.reaches(facts().principal, "gpt")).toBe(false);
  });

  it("masks, limits and asks nothing, and its prompt rules are there to be looked at", () => {
    const prompts = { deny: ["bomb"], allow: [] };
    const decision = compiled(policy("a"), watching(policy("b", { prompts, promptTokens: 1 }))).decide(facts());
    if (decision.effect !== "allow") throw new Error("denied");
    expect(decision.obligations).toMatchObject({ prompts: undefined, promptTokens: undefined, approvals: [] });
    expect(decision.obligations.observed?.prompts?.blockedBy([{ author: "user", text: "a bomb" }])).toEqual(["b prompts.deny[0]"]);
  });

  it("says nothing of calls that it is not about", () => {
    const decision = compiled(policy("a"), watching(policy("b", { match: { connections: ["other"] } }))).decide(facts());
    expect(decision.sentence).toBe("chat.completions on gpt: allowed by policy a.");
  });
});
