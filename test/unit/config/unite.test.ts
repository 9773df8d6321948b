import { describe, expect, it } from "vitest";
import { ConfigError, fileObjects, printProblem, Secret, unite } from "../../../src/config/index.ts";
import { compileEgress } from "../../../src/connections/index.ts";
import { parsed } from "../../support/configuration.ts";

type Objects = Parameters<typeof unite>[1]["objects"];

const file = parsed(`
egress: { allow: [127.0.0.0/8, public] }
identities: [{ name: report, groups: [analysts], apiKey: "\${env:WEIR_REPORT_KEY}" }]
connections:
  - { name: filed, protocol: openai, upstream: "http://127.0.0.1:1/v1", credential: { header: Authorization, value: "Bearer \${env:OPENAI_API_KEY}" } }
policies:
  - { name: analysts, match: { groups: [analysts], connections: [filed] }, effect: allow }
`);

const policy = (name: string, document: object) => ({ kind: "policy", name, document: { ...document }, credential: undefined }) as const;
const connection = (name: string, document: object, credential?: { header: string; value: Secret }) =>
  ({
    kind: "connection",
    name,
    document: { protocol: "openai", upstream: "https://api.example.com/v1", ...document },
    credential,
  }) as const;
const issuer = (name: string, document: object = {}) =>
  ({
    kind: "issuer",
    name,
    document: { issuer: `https://${name}.example.com`, audience: "weir", ...document },
    credential: undefined,
  }) as const;

const problems = (...objects: Objects): readonly string[] => {
  try {
    unite(file, { objects, compileEgress });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.problems.map(printProblem);
  }
};

describe("objects of the database beside a file", () => {
  it("are one configuration with it: each may name the other's, and the file's own come first", () => {
    const secret = { header: "x-key", value: new Secret("literal", "[sealed]") };
    const objects = [
      policy("more", { match: { connections: ["filed", "gpt"] }, effect: "allow" }),
      connection("gpt", {}, secret),
      issuer("corp"),
    ];
    const { config } = unite(file, { objects, compileEgress });
    expect(config.connections.map(({ name }) => name)).toEqual(["filed", "gpt"]);
    expect(config.connections[1]?.credential?.value.reveal()).toBe("literal");
    expect(config.policies.map(({ name }) => name)).toEqual(["analysts", "more"]);
    expect(config.issuers.map(({ name, maxTokenAge }) => [name, maxTokenAge])).toEqual([["corp", 3_600_000]]);
    expect(config.policyRevision).not.toBe(file.config.policyRevision);
  });

  it("leave a file that stands alone as it is", () => {
    expect(unite(file, { objects: [], compileEgress })).toBe(file);
  });

  it("change a connection's revision with its credential, and with nothing else's", () => {
    const revision = (value: string, more: Objects = []): string | undefined =>
      unite(file, {
        objects: [connection("gpt", {}, { header: "x-key", value: new Secret(value, "[sealed]") }), ...more],
        compileEgress,
      }).config.connections.find(({ name }) => name === "gpt")?.revision;
    expect(revision("a")).toBe(revision("a", [connection("other", {})]));
    expect(revision("a")).not.toBe(revision("b"));
  });

  it.each([
    [
      [policy("x", { match: { connections: ["nope"] }, effect: "allow" })],
      'database: policy "x": match.connections[0]: there is no connection named "nope"',
    ],
    [[policy("x", { effect: "allow", efect: "allow" })], 'database: policy "x": efect: unknown key "efect"; did you mean "effect"?'],
    [[policy("x", {})], 'database: policy "x": effect: effect is missing'],
    [[policy("a b", { effect: "allow" })], /^database: policy "a b": name: must be a name/],
    [[policy("x", { effect: "allow", name: "y" })], 'database: policy "x": name: is told beside the document, not in it'],
    [[policy("analysts", { effect: "allow" })], /^database: policy "analysts": weir\.yaml:8:5 declares a policy of this name already/],
    [
      [connection("x", { upstream: "http://10.1.2.3/v1" })],
      'database: connection "x": upstream: 10.1.2.3 may not be dialled: no network of egress.allow holds it',
    ],
    [
      [connection("x", { protocol: "grpc", descriptors: { proto: ["/etc/x.proto"] } })],
      /^database: connection "x": descriptors\.proto: names files/,
    ],
    [
      [connection("x", { credential: { header: "x", value: "y" } })],
      'database: connection "x": credential: is told beside the document, not in it',
    ],
    [[connection("v1", {})], 'database: connection "v1": name: /v1 is a path of the gateway\'s own'],
    [
      [connection("x", { protocol: "grpc" }), policy("y", { effect: "allow", mask: { response: ["pii"] } })],
      /^database: policy "y": mask: the policy reaches the connection "x", whose messages cannot be read/,
    ],
    [
      [issuer("x", { conditions: ["${env:HOME}"] })],
      'database: issuer "x": conditions[0]: references are resolved only by the process that opened a file',
    ],
    [[issuer("x", { claims: { subject: "${file:/etc/passwd}" } })], /^database: issuer "x": claims\.subject: references are resolved only/],
    [
      [issuer("x"), issuer("y", { issuer: "https://x.example.com" })],
      'database: issuer "y": issuer: a second entry for this issuer: its tokens would have two readings',
    ],
    [
      [policy("x", { effect: "allow", mask: { custom: [{ name: "nul", regex: "a\0b" }] } })],
      /^database: policy "x": mask\.custom\[0\]\.regex: must not contain NUL/,
    ],
  ] as const)("are refused by their kind and name: %#", (objects, words) => {
    const [first, ...more] = problems(...objects);
    expect(more).toEqual([]);
    expect(first).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
  });

  it("never show a credential in what is wrong with them", () => {
    const found = problems(connection("x", { protocl: 1 }, { header: "a b", value: new Secret("${env:top-secret}\n", "[sealed]") }));
    expect(found.length).toBeGreaterThan(2);
    expect(found.join()).not.toContain("top-secret");
  });

  it("tell what is wrong with the file because of them at its line", () => {
    const withSubject = parsed(`
issuers: [{ name: one, issuer: https://one.example.com, audience: weir }]
policies: [{ name: p, match: { identities: [alice] }, effect: allow }]
`);
    expect(() => unite(withSubject, { objects: [issuer("two")], compileEgress })).toThrow(
      /^weir\.yaml:4:45: "alice" could be a subject of any of 2 issuers/,
    );
  });
});

describe("objects of a file", () => {
  it("are told as they were written, without credentials", () => {
    expect(fileObjects(file).map(({ revision, ...object }) => object)).toEqual([
      {
        kind: "connection",
        name: "filed",
        document: { protocol: "openai", upstream: "http://127.0.0.1:1/v1" },
        credentialHeader: "authorization",
      },
      {
        kind: "policy",
        name: "analysts",
        document: { match: { groups: ["analysts"], connections: ["filed"] }, effect: "allow" },
        credentialHeader: undefined,
      },
    ]);
  });
});
