import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../policy/index.ts";
import { checkOffered, wouldRefuse } from "../../../src/enforcement/tools.ts";
import type { GatewayError } from "../../../src/envelope/error.ts";
import { namedPrograms } from "../../support/named-programs.ts";
import { facts, obligationsOf, policy } from "../../support/policy-facts.ts";

const obligations = (...documents: Parameters<typeof compilePolicies>[0]) =>
  obligationsOf(compilePolicies(documents, namedPrograms()).decide(facts()));

const readers = policy("readers", { tools: { allow: ["read_*"], deny: [] } });

const noteOf = (tool: string): string | undefined => {
  try {
    checkOffered(obligations(readers), [tool]);
    return undefined;
  } catch (thrown) {
    return (thrown as GatewayError).note;
  }
};

describe("a tool that no policy allows", () => {
  it("is named on record with the policy, and not to the caller", () => {
    expect(noteOf("read_file")).toBeUndefined();
    expect(noteOf("delete_file")).toBe("the tool delete_file is not allowed by readers");
  });

  it("is not named on record where its name is a text", () => {
    expect(noteOf("my password is hunter2")).toBe("the tool of a name that is none is not allowed by readers");
  });

  it("is told of where the policy only observes", () => {
    const observing = obligations(policy("all"), { ...readers, mode: "observe" });
    expect(wouldRefuse(observing, ["read_file"])).toBeUndefined();
    expect(wouldRefuse(observing, ["delete_file"])).toBe("The tool delete_file would be refused by readers.");
    expect(() => checkOffered(observing, ["delete_file"])).not.toThrow();
  });
});
