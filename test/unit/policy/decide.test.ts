import { describe, expect, it } from "vitest";
import { compilePolicies, type PolicyDocument } from "../../../policy/index.ts";
import { namedPrograms } from "../../support/named-programs.ts";
import { detectorNames, facts, masking, nobody, obligationsOf, policy, principal } from "../../support/policy-facts.ts";

const compiled = (...documents: readonly PolicyDocument[]) => compilePolicies(documents, namedPrograms());
const effectOf = (document: PolicyDocument, given = facts()) => compiled(document).decide(given).effect;

describe("who and what a policy matches", () => {
  it("keys are AND, values OR, an absent key matches all", () => {
    const match = { groups: ["analysts", "others"], connections: ["gpt"], models: ["gpt-4o*", "o1"] };
    expect(effectOf(policy("p", { match }))).toBe("allow");
    expect(effectOf(policy("p", { match }), facts({ model: "gpt-3" }))).toBe("deny");
    expect(effectOf(policy("p", { match }), facts({ connection: "other" }))).toBe("deny");
    expect(effectOf(policy("p", { match }), facts({ principal: principal({ groups: [] }) }))).toBe("deny");
    expect(effectOf(policy("p"))).toBe("allow");
  });

  it("nothing matches: denied, and the sentence says how near it came", () => {
    expect(compiled().decide(facts())).toEqual({
      effect: "deny",
      rules: [],
      sentence: "chat.completions on gpt: no policy allows this caller there.",
    });
    const { sentence } = compiled(policy("p", { match: { models: ["o1"] } })).decide(facts());
    expect(sentence).toBe("chat.completions on gpt: policy p fit the caller, but not the operation and model.");
  });

  it("any deny wins, and the decision names it", () => {
    const decision = compiled(policy("a"), policy("b"), policy("no", { effect: "deny" })).decide(facts());
    expect(decision).toEqual({ effect: "deny", rules: ["no"], sentence: "chat.completions on gpt: denied by policy no." });
  });

  it("an allow names every policy that contributes", () => {
    const decision = compiled(policy("b"), policy("a"), policy("c", { match: { groups: ["others"] } })).decide(facts());
    expect(decision).toMatchObject({ effect: "allow", rules: ["a", "b"], sentence: "chat.completions on gpt: allowed by policies a, b." });
  });

  it("the sentence holds nothing that the caller wrote", () => {
    const secret = "AKIAIOSFODNN7EXAMPLE";
    const asked = facts({ model: secret, operation: { name: `GET /${secret}`, class: "control" }, features: [secret] });
    for (const set of [compiled(), compiled(policy("p")), compiled(policy("p", { match: { operations: [`GET /${secret}`] } }))])
      expect(set.decide(asked).sentence).not.toContain(secret);
  });

  it("without operations only inference is allowed", () => {
    const data = facts({ operation: { name: "files.list", class: "data" } });
    expect(effectOf(policy("p"), data)).toBe("deny");
    expect(effectOf(policy("p", { match: { operations: ["files.list"] } }), data)).toBe("allow");
    expect(effectOf(policy("p", { match: { operations: ["files.list"] } }))).toBe("deny");
  });
});

describe("who has no credential", () => {
  it("is matched only by the name anonymous", () => {
    const asked = facts({ principal: nobody });
    expect(effectOf(policy("p"), asked)).toBe("deny");
    expect(effectOf(policy("p", { match: { identities: ["anonymous"] } }), asked)).toBe("allow");
    expect(effectOf(policy("p", { match: { identities: ["weir/anonymous"] } }), asked)).toBe("deny");
  });

  it("cannot be posed as by a subject of that name", () => {
    const posing = principal({ subject: "anonymous", name: "corp/anonymous" });
    expect(effectOf(policy("p", { match: { identities: ["anonymous"] } }), facts({ principal: posing }))).toBe("deny");
  });
});

describe("identities", () => {
  const report = policy("p", { match: { identities: ["nightly-report"] } });

  it("are matched by configured name, by bare subject, or by ISSUER/SUBJECT", () => {
    expect(effectOf(report, facts({ principal: principal({ issuer: "weir", subject: "nightly-report", name: "nightly-report" }) }))).toBe(
      "allow",
    );
    expect(effectOf(policy("p", { match: { identities: ["alice"] } }))).toBe("allow");
    expect(effectOf(policy("p", { match: { identities: ["corp/alice"] } }))).toBe("allow");
    expect(effectOf(policy("p", { match: { identities: ["edge/alice"] } }))).toBe("deny");
  });

  it("an issuer's subject that is called like a configured identity is not that identity", () => {
    const posing = principal({ subject: "nightly-report", name: "corp/nightly-report" });
    expect(effectOf(report, facts({ principal: posing }))).toBe("deny");
  });

  it("an issuer's subject that looks like another issuer's is not that one", () => {
    const posing = principal({ issuer: "edge", subject: "corp/alice", name: "corp/alice" });
    expect(effectOf(policy("p", { match: { identities: ["corp/alice"] } }), facts({ principal: posing }))).toBe("deny");
    expect(effectOf(policy("p", { match: { identities: ["edge/corp/alice"] } }), facts({ principal: posing }))).toBe("allow");
  });
});

describe("features that need their exact name", () => {
  const asked = facts({ features: ["mcp"] });
  const plain = policy("plain", { mask: masking(["pii"]) });
  const withMcp = policy("mcp", { match: { operations: ["chat.completions", "mcp"] } });

  it("are refused until a policy names them", () => {
    expect(compiled(plain).decide(asked)).toMatchObject({
      effect: "deny",
      sentence: "chat.completions on gpt: policy plain fit, but a feature of the request needs its exact name in a policy.",
    });
    expect(compiled(withMcp).decide(asked).effect).toBe("allow");
  });

  it("shed nothing of what other policies oblige to", () => {
    const decision = compiled(plain, withMcp).decide(asked);
    expect(decision.rules).toEqual(["mcp", "plain"]);
    expect(detectorNames(obligationsOf(decision).maskResponse)).toEqual(["pii"]);
  });

  it("a deny that names one denies calls with it and no others", () => {
    const set = compiled(withMcp, policy("no-mcp", { effect: "deny", match: { operations: ["mcp"] } }));
    expect(set.decide(asked).effect).toBe("deny");
    expect(set.decide(facts()).effect).toBe("allow");
  });
});

describe("listing models", () => {
  const listing = facts({ model: undefined, operation: { name: "models.list", class: "inference" } });

  it("is allowed to whoever may use some model, and not to others", () => {
    expect(effectOf(policy("p", { match: { models: ["gpt-4o*"], operations: ["chat.completions"] } }), listing)).toBe("allow");
    expect(effectOf(policy("p", { match: { groups: ["others"] } }), listing)).toBe("deny");
  });

  it("is not denied by a deny of one model or another operation", () => {
    const denying = (match: PolicyDocument["match"]) =>
      compiled(policy("a"), policy("no", { effect: "deny", match })).decide(listing).effect;
    expect(denying({ models: ["o1"] })).toBe("allow");
    expect(denying({ operations: ["embeddings"] })).toBe("allow");
    expect(denying({})).toBe("deny");
    expect(denying({ operations: ["models.list"] })).toBe("deny");
  });

  it("asks for the approval of a policy about every call, and not for that of one about some model", () => {
    const approval = { keywords: [], promptTokensOver: undefined, expression: undefined, reviewers: { groups: [], count: 1 }, expires: 1 };
    const set = compiled(policy("every", { approval }), policy("one", { approval, match: { models: ["o1"] } }));
    expect(obligationsOf(set.decide(listing)).approvals.map((rule) => rule.policy)).toEqual(["every"]);
  });

  it("lists what may be used", () => {
    const set = compiled(policy("a", { match: { models: ["gpt*"] } }), policy("no", { effect: "deny", match: { models: ["gpt-5*"] } }));
    const may = (model: string) => set.mayUse(principal(), "gpt", model);
    expect([may("gpt-4o"), may("gpt-5-mini"), may("o1")]).toEqual([true, false, false]);
  });
});

describe("what a caller may not use at all is not reached", () => {
  it.each([
    ["an allow reaches", [policy("a")], true],
    ["no policy does not", [], false],
    ["another group's does not", [policy("a", { match: { groups: ["others"] } })], false],
    ["an allow that is denied entirely does not", [policy("a"), policy("no", { effect: "deny" })], false],
    ["an allow that is denied for one model does", [policy("a"), policy("no", { effect: "deny", match: { models: ["o1"] } })], true],
    [
      "an allow of a data operation outlasts a deny of inference",
      [policy("a", { match: { operations: ["files.list"] } }), policy("no", { effect: "deny" })],
      true,
    ],
  ])("%s", (_, documents, reached) => expect(compiled(...documents).reaches(principal(), "gpt")).toBe(reached));
});

describe("what several allows oblige to", () => {
  it("masks unite, the same program serves reader and record where the sets are equal", () => {
    const set = compiled(policy("a", { mask: masking(["pii"]) }), policy("b", { mask: masking(["credentials"], { request: [] }) }));
    const obligations = obligationsOf(set.decide(facts()));
    expect(detectorNames(obligations.maskRequest)).toEqual(["pii"]);
    expect(detectorNames(obligations.maskResponse)).toEqual(["credentials", "pii"]);
    expect(obligations.recordResponse).toBe(obligations.maskResponse);
    expect(detectorNames(obligations.recordRequest)).toEqual(["credentials", "pii"]);
    expect(obligations.recordRequest).toBe(obligations.recordResponse);
  });

  it("without a mask nothing is masked for the caller, and the record is all the same", () => {
    const obligations = obligationsOf(compiled(policy("a")).decide(facts()));
    expect(obligations.maskRequest).toBeUndefined();
    expect(obligations.maskResponse).toBeUndefined();
    expect(detectorNames(obligations.recordRequest)).toEqual(["credentials"]);
  });

  it("custom detectors and keys serve both directions and come first", () => {
    const mask = masking([], { response: ["pii"], custom: [{ name: "project", pattern: "PRJ" }], keys: ["ssn"] });
    const obligations = obligationsOf(compiled(policy("a", { mask })).decide(facts()));
    expect(detectorNames(obligations.maskRequest)).toEqual(["project"]);
    expect(detectorNames(obligations.maskResponse)).toEqual(["project", "pii"]);
    expect(obligations.maskRequest?.hash).toContain("ssn");
  });

  it("the smallest limit, every approval, the fullest record, the longest retention", () => {
    const approval = { keywords: [], promptTokensOver: undefined, expression: undefined, reviewers: { groups: [], count: 1 }, expires: 1 };
    const set = compiled(
      policy("a", { promptTokens: 50, approval, record: { request: "none", response: "metadata", retentionDays: 7 } }),
      policy("b", { promptTokens: 9, approval, record: { request: "metadata", response: "none", retentionDays: 30 } }),
    );
    const obligations = obligationsOf(set.decide(facts()));
    expect(obligations.promptTokens).toBe(9);
    expect(obligations.approvals.map((rule) => rule.policy)).toEqual(["a", "b"]);
    expect(obligations.record).toEqual({ request: "metadata", response: "metadata", retentionDays: 30 });
  });

  it("refuse over pass; a policy with prompt rules refuses what it cannot read, one without a say has none", () => {
    const pass = policy("pass", { mask: masking(["pii"], { onUnmaskable: "pass" }) });
    const unmaskable = (...documents: PolicyDocument[]) => obligationsOf(compiled(...documents).decide(facts())).onUnmaskable;
    expect(unmaskable(pass)).toBe("pass");
    expect(unmaskable(pass, policy("plain"))).toBe("pass");
    expect(unmaskable(pass, policy("masks", { mask: masking(["pii"]) }))).toBe("refuse");
    expect(unmaskable(pass, policy("rules", { prompts: { deny: ["bomb"], allow: [] } }))).toBe("refuse");
    expect(unmaskable(policy("plain"))).toBe("refuse");
  });

  it("are the same object for the same policies, so that nothing is compiled on a call's path", () => {
    const set = compiled(policy("a", { mask: masking(["pii"]) }), policy("b"));
    const once = obligationsOf(set.decide(facts()));
    expect(obligationsOf(set.decide(facts({ model: "o1", principal: principal({ subject: "bob", name: "bob" }) })))).toBe(once);
  });
});

it("a rule that fails to evaluate denies", () => {
  const broken = {
    ...facts().operation,
    get name(): string {
      throw new Error("broken");
    },
  };
  expect(
    compiled(policy("a", { match: { operations: ["chat.completions"] } })).decide(facts({ operation: broken, features: [] })).effect,
  ).toBe("deny");
});
