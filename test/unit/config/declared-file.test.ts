import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, type Declarations, parseDeclaration, parseDeclarations } from "../../../src/config/index.ts";

const env = { KEY: "sk-0123456789" };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-declared-"));
  writeFileSync(join(folder, "key"), "sk-of-a-file\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string): Declarations => parseDeclarations(text, "apply.yaml", { env, folder });

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
    return [];
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message.split("\n");
    throw thrown;
  }
};

const gpt = `connections:
  - name: gpt
    protocol: openai
    upstream: https://api.openai.com/v1/
    credential: { header: Authorization, value: "Bearer \${env:KEY}" }
`;

describe("a file for weir apply", () => {
  it("declares what people wrote, without defaults, the credential apart", () => {
    const { objects, leftOut } = read(gpt);
    expect(leftOut).toEqual([]);
    expect(objects).toMatchObject([
      {
        section: "connections",
        name: "gpt",
        document: { protocol: "openai", upstream: "https://api.openai.com/v1/" },
        credential: { header: "authorization" },
      },
    ]);
    expect(Object.keys(objects[0]?.document ?? {})).toEqual(["protocol", "upstream"]);
    expect(objects[0]?.credential?.value.reveal()).toBe("Bearer sk-0123456789");
  });

  it("reads secrets of files from its own folder", () => {
    const [object] = read(gpt.replace("env:KEY", "file:key")).objects;
    expect(object?.credential?.value.reveal()).toBe("Bearer sk-of-a-file");
  });

  it("leaves out what belongs to a gateway's own file, and looks up none of its secrets", () => {
    const own = "encryptionKey: ${env:NOT_SET}\nlisten: { port: nonsense }\nidentities: 7\n";
    expect(read(own + gpt)).toMatchObject({ leftOut: expect.arrayContaining(["encryptionKey", "listen", "identities"]) });
    expect(read(own + gpt).objects).toHaveLength(1);
  });

  it("may name connections, groups and subjects that only the gateway knows", () => {
    const text = "policies: [{ name: a, match: { connections: [elsewhere], identities: [somebody] }, effect: allow }]";
    expect(read(text).objects).toHaveLength(1);
  });

  it("has every mistake told at its place", () => {
    const text = `conections: []
connections:
  - { name: gpt, protocol: openai, upstream: "https://a.example", timeout: 5s, credential: { header: a, value: "\${env:NOT_SET}" } }
  - { name: triton, protocol: grpc, upstream: "https://b.example", descriptors: { file: x.binpb } }
  - { name: key, protocol: openai, upstream: "https://c.example", credential: { header: a, value: sk-literal } }
policies:
  - { name: a, match: {}, effect: allow }
  - { name: a, match: {}, effect: "\${env:KEY}" }
`;
    const problems = problemsOf(() => read(text));
    expect(problems).toEqual([
      expect.stringMatching(/^apply\.yaml:1:1: unknown key "conections"; did you mean "connections"\?$/),
      expect.stringMatching(/^apply\.yaml:3:\d+: unknown key "timeout"; did you mean "timeouts"\?$/),
      expect.stringMatching(/^apply\.yaml:3:\d+: the environment variable NOT_SET is not set$/),
      expect.stringMatching(/^apply\.yaml:4:\d+: descriptors\.file names files/),
      expect.stringMatching(/^apply\.yaml:5:\d+: connections\[2\]\.credential\.value must be \$\{env:NAME\}/),
      expect.stringMatching(/^apply\.yaml:8:\d+: policies\[1\]\.effect must be one of allow, deny/),
      expect.stringMatching(/^apply\.yaml:8:\d+: references are resolved only in fields that hold secrets$/),
    ]);
    expect(problems.join("\n")).not.toContain("sk-");
  });

  it("is refused for two objects of one name", () => {
    const text = "policies:\n  - { name: a, effect: allow }\n  - { name: a, effect: deny }\n";
    expect(problemsOf(() => read(text))).toEqual(['apply.yaml:3:13: a second policy named "a"']);
  });

  it("is refused where it declares nothing at all, since with --prune that would delete everything", () => {
    expect(problemsOf(() => read("listen: {}\n"))).toEqual([expect.stringMatching(/declares nothing/)]);
    expect(read("policies: []").objects).toEqual([]);
  });

  it("is refused where a credential could not stand in a header", () => {
    expect(problemsOf(() => parseDeclarations(gpt, "apply.yaml", { env: { KEY: "a\nb" }, folder }))).toEqual([
      expect.stringMatching(/^apply\.yaml:5:\d+: connections\[0\]\.credential\.value must be printable ASCII on one line/),
    ]);
  });
});

describe("a file that is one object", () => {
  const one = (text: string): Declarations => parseDeclaration("policies", text, "policy.yaml", { env, folder });

  it("is read as one of its section", () => {
    expect(one("name: a\neffect: allow\n").objects).toMatchObject([{ section: "policies", name: "a", document: { effect: "allow" } }]);
  });

  it("has its mistakes told by its own lines and paths", () => {
    expect(problemsOf(() => one("name: a\neffect: allow\nlimits: { promptTokens: 0 }\nmatc: {}\n"))).toEqual([
      "policy.yaml:3:25: limits.promptTokens must be at least 1",
      'policy.yaml:4:1: unknown key "matc"; did you mean "match"?',
    ]);
    expect(problemsOf(() => one("- name: a\n"))).toEqual([expect.stringMatching(/^policy\.yaml:1:1: /)]);
    expect(problemsOf(() => one("effect: allow\n"))).toEqual([expect.stringMatching(/^policy\.yaml:1:1: name is missing$/)]);
  });
});
