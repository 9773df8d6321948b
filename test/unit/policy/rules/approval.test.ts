import { describe, expect, it } from "vitest";
import { compileApproval } from "../../../../policy/rules/approval.ts";
import { facts } from "../../../support/policy-facts.ts";

const rule = {
  keywords: [],
  promptTokensOver: undefined,
  expression: undefined,
  reviewers: { groups: ["security"], count: 1 },
  expires: 1_000,
};

const never = (): number => {
  throw new Error("tokens are not counted where no rule counts them");
};
const asks = (keywords: readonly string[], text: string): boolean =>
  compileApproval("p", { ...rule, keywords }).applies([{ author: "user", text }], never, facts());

describe("an approval", () => {
  it("without a condition is always asked for", () => {
    expect(asks([], "anything")).toBe(true);
  });

  it.each(["export", "write", "token"])("is asked for by the keyword %s, in any case, as a whole word", (word) => {
    const keywords = ["export", "write", "token"];
    expect(asks(keywords, `Please ${word.toUpperCase()} it`)).toBe(true);
    expect(asks(keywords, `${word}.`)).toBe(true);
    expect(asks(keywords, `x${word}s, ${word}ed, un${word}, ${word}é`)).toBe(false);
  });

  it("knows letters of every script, words with spaces and keywords of signs", () => {
    expect(asks(["überweisung"], "eine ÜBERWEISUNG bitte")).toBe(true);
    expect(asks(["überweisung"], "rücküberweisung")).toBe(false);
    expect(asks(["drop table"], "then drop\n  table users")).toBe(true);
    expect(asks(["c++", "a.b"], "in c++ now")).toBe(true);
    expect(asks(["a.b"], "axb")).toBe(false);
  });

  it("sees through letters that only look alike and characters that do not show", () => {
    expect(asks(["export"], "e\u200bxport")).toBe(true);
    expect(asks(["export"], "exp\u043ert")).toBe(true);
  });

  it("takes a thousand keywords", () => {
    const keywords = Array.from({ length: 1000 }, (_, index) => `keyword ${index}`);
    expect(asks(keywords, "keyword 999")).toBe(true);
    expect(asks(keywords, "keyword 1000")).toBe(false);
  });

  it("is asked for above a number of tokens, and by either condition", () => {
    const limited = compileApproval("p", { ...rule, keywords: ["export"], promptTokensOver: 10 });
    const applies = (text: string, tokens: number) => limited.applies([{ author: "user", text }], () => tokens, facts());
    expect([applies("x", 10), applies("x", 11), applies("export", 1)]).toEqual([false, true, true]);
  });

  it("is not asked for again by what the model said", () => {
    expect(compileApproval("p", { ...rule, keywords: ["export"] }).applies([{ author: "assistant", text: "export" }], never, facts())).toBe(
      false,
    );
  });

  it("says why, in words for a reviewer", () => {
    const texts = [{ author: "user", text: "Please EXPORT the tokens" } as const];
    const because = (keywords: readonly string[], over?: number) =>
      compileApproval("p", { ...rule, keywords, promptTokensOver: over }).reasons(texts, () => 12, facts());
    expect(because([])).toEqual(["always"]);
    expect(because(["write", "export"], 10)).toEqual(['keyword "export"', "12 prompt tokens, more than 10"]);
  });
});
