import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/index.ts";
import { environment, parsed, problemsOf } from "../../support/configuration.ts";

describe("the file is one plain YAML document", () => {
  it.each([
    ["a key twice", "listen: {}\nlisten: {}\n", "2:1: map keys must be unique"],
    ["an anchor", "roles: &r { admin: [a] }\n", "1:11: anchors are not allowed: write the value out"],
    ["a tag", "dataDir: !path data\n", "1:16: the tag !path is not allowed"],
    ["a binary", "dataDir: !!binary aGk=\n", "1:19: the tag tag:yaml.org,2002:binary is not allowed"],
    ["a second document", "listen: {}\n---\nlisten: {}\n", "2:1: a second document: a configuration is one document"],
    ["bad indentation", "listen:\n  port: 1\n address: x\n", "3:1: all mapping items must start at the same column"],
    ["a key that is no text", "? [a]\n: 1\n", "1:3: with stringKeys, all keys must be strings"],
  ])("%s is refused", (_, text, problem) => expect(problemsOf(text)).toContain(problem));

  it("aliases are refused before they can multiply", () => {
    const bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    expect(problemsOf(bomb)).toContain("2:8: aliases are not allowed: write the value out");
  });

  it("deep nesting is refused, not a crash", () => {
    expect(problemsOf(`roles: ${"[".repeat(100_000)}\n`)).not.toEqual([]);
  });

  it.each([
    ["", "weir.yaml:1:1: the file is empty"],
    ["# nothing yet\n", "weir.yaml:1:1: the file is empty"],
    ["- a\n", "weir.yaml:1:1: the configuration must be a map, not a list"],
  ])("%j is no configuration", (text, message) => {
    expect(() => parseConfig(text, "weir.yaml", { env: environment })).toThrow(message);
  });

  it("a key named __proto__ is an unknown key", () => {
    expect(problemsOf("__proto__: { listen: 1 }\n")).toEqual(['1:1: unknown key "__proto__"']);
  });
});

describe("places of what is found out later", () => {
  const text = `policies:
  - name: a
    effect: allow
    prompts:
      deny:
        - (?i)good
        - "(bad"
        - "tab\\t(bad"
`;
  const { source: places } = parsed(text).read;
  const at = (index: number, offset?: number) => {
    const { line, column } = places.locate(["policies", 0, "prompts", "deny", index], offset);
    return [line - 1, column];
  };

  it("an offset counts into plain and quoted texts", () => {
    expect(at(0, 4)).toEqual([6, 15]);
    expect(at(1, 0)).toEqual([7, 12]);
  });

  it("where escapes make an offset unclear, the text's beginning stands", () => {
    expect(at(2, 4)).toEqual([8, 11]);
  });

  it("what is not there stands where its surroundings begin", () => {
    const { line, column } = places.locate(["policies", 0, "mask", "custom", 3]);
    expect([line - 1, column]).toEqual([2, 5]);
  });
});
