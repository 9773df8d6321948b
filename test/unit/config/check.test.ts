import { describe, expect, it } from "vitest";
import { parsed, problemsOf } from "../../support/configuration.ts";

const connection = (name: string, more = "") => `  - { name: ${name}, protocol: openai, upstream: "https://a.example/v1"${more} }\n`;
const issuer = (name: string, more = "") => `  - { name: ${name}, issuer: "https://${name}.example", audience: weir${more} }\n`;

describe("names", () => {
  it("of connections, policies, issuers and identities are unique", () => {
    const text = `connections:\n${connection("a")}${connection("a")}issuers:\n${issuer("i")}${issuer("i")}policies:\n  - { name: p, effect: allow }\n  - { name: p, effect: deny }\n`;
    expect(problemsOf(text)).toEqual([
      '3:13: a second connection named "a"',
      '6:13: a second issuer named "i"',
      "6:24: a second entry for this issuer: its tokens would have two readings",
      '9:13: a second policy named "p"',
    ]);
  });

  it.each(["v1", "openai", "oauth", "healthz", "readyz"])("a connection named %s would shadow a path of the gateway's own", (name) => {
    expect(problemsOf(`connections:\n${connection(name)}`)).toEqual([`2:13: /${name} is a path of the gateway's own`]);
  });

  it("an issuer may not be the gateway, nor an identity anonymous", () => {
    const text = `issuers:\n${issuer("weir")}identities: [{ name: anonymous, apiKey: "\${env:WEIR_REPORT_KEY}" }]\n`;
    expect(problemsOf(text)).toEqual(['2:13: "weir" is the gateway itself', '3:22: "anonymous" is who has no credential']);
  });

  it("an issuer may not assert under its bare name what is another's group", () => {
    expect(problemsOf(`issuers:\n${issuer("corp")}${issuer("edge", ', groups: ["corp/security"]')}`)).toEqual([
      expect.stringContaining('"corp/security" is how a group of the issuer "corp" is written'),
    ]);
  });

  it("two routes of one host or path lead to one question with two answers", () => {
    const text = `connections:\n${connection("a", ", route: { paths: [/x] }")}${connection("b", ", route: { paths: [/x] }")}`;
    expect(problemsOf(text)).toEqual(['3:85: leads to "a" already']);
  });
});

describe("what is dialled", () => {
  const upstream = (url: string, egress = "") => `${egress}connections:\n  - { name: a, protocol: openai, upstream: "${url}" }\n`;
  const loopback = "egress: { allow: [127.0.0.0/8] }\n";

  it("http: is refused where no network is listed", () => {
    expect(problemsOf(upstream("http://model:9000/v1"))).toEqual([expect.stringContaining("http: would be readable on its way")]);
    expect(problemsOf(upstream("http://model:9000/v1", loopback))).toEqual([]);
  });

  it.each(["http://127.0.0.1:9000", "http://localhost:9000"])("%s is inside 127.0.0.0/8", (url) =>
    expect(problemsOf(upstream(url, loopback))).toEqual([]),
  );

  it.each(["https://10.0.0.7/v1", "https://[::1]/v1", "https://169.254.169.254/latest"])("%s is outside", (url) => {
    expect(problemsOf(upstream(url, loopback))).toEqual([
      expect.stringContaining("may not be dialled: no network of egress.allow holds it"),
    ]);
  });

  it("without a list only public addresses are inside", () => {
    expect(problemsOf(upstream("https://127.0.0.1/v1"))).toHaveLength(1);
    expect(problemsOf(upstream("https://8.8.8.8/v1"))).toEqual([]);
  });

  it.each(["169.254.0.0/16", "169.254.169.254", "fe80::/10", "100.100.100.200/32"])("%s cannot be allowed", (network) => {
    expect(problemsOf(`egress: { allow: ["${network}"] }\n`)).toEqual([
      expect.stringContaining("are never dialled, so they cannot be allowed"),
    ]);
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "model.internal", "::/129"])("%s is no network", (network) => {
    expect(problemsOf(`egress: { allow: ["${network}"] }\n`)).toEqual([expect.stringContaining("egress.allow[0] must be a network")]);
  });

  it.each(["https://u:p@a.example", "https://a.example/v1?key=1", "https://a.example/#x", "ftp://a.example", "a.example"])(
    "%s is no upstream",
    (url) => {
      expect(problemsOf(upstream(url))).toHaveLength(1);
    },
  );

  it.each(["host", "Content-Length", "transfer-encoding", "weir-connection"])("a credential cannot be the header %s", (header) => {
    const credential = `, credential: { header: ${header}, value: "\${env:OPENAI_API_KEY}" }`;
    expect(problemsOf(`connections:\n${connection("a", credential)}`)).toEqual([
      expect.stringContaining("is a header of the gateway's own"),
    ]);
  });
});

describe("policies", () => {
  const policy = (text: string) => `policies:\n  - { name: p, ${text} }\n`;

  it("that deny oblige to nothing", () => {
    expect(problemsOf(policy("effect: deny, mask: { response: [pii] }, limits: { promptTokens: 5 }"))).toEqual([
      "2:30: mask has no meaning in a policy that denies",
      "2:57: limits has no meaning in a policy that denies",
    ]);
  });

  it("name operations exactly", () => {
    expect(problemsOf(policy('effect: allow, match: { operations: ["chat.*"] }'))).toEqual([
      "2:53: policies[0].match.operations[0] must be the exact name of an operation, without *",
    ]);
  });

  it("with a bare subject are refused where it could be any of several issuers'", () => {
    const text = `issuers:\n${issuer("a")}${issuer("b")}${policy('effect: allow, match: { identities: [alice, "a/alice"] }')}`;
    expect(problemsOf(text)).toEqual(['5:53: "alice" could be a subject of any of 2 issuers: write ISSUER/SUBJECT']);
    expect(problemsOf(policy("effect: allow, match: { identities: [weir/exporter] }"))).toEqual([]);
    expect(problemsOf(`issuers:\n${issuer("a")}${policy("effect: allow, match: { identities: [alice] }")}`)).toEqual([]);
  });

  it("for callers without a credential need a connection that takes them", () => {
    const allow = policy("effect: allow, match: { identities: [anonymous] }");
    expect(problemsOf(`connections:\n${connection("a")}${allow}`)).toEqual(["4:53: no connection of this policy has anonymous: true"]);
    expect(problemsOf(`connections:\n${connection("a", ", anonymous: true")}${allow}`)).toEqual([]);
  });

  it.each([
    "match: { groups: [] }",
    "match: { models: [] }",
    "approval: { when: {}, reviewers: { groups: [s] } }",
    "record: { retention: 36501d }",
  ])("%s says nothing that can be kept", (part) => expect(problemsOf(policy(`effect: allow, ${part}`))).toHaveLength(1));

  it("with a group that nobody can be in are warned of", () => {
    const { warnings } = parsed(
      `issuers:\n${issuer("corp", ", groups: [analysts]")}${policy("effect: deny, match: { groups: [analyst, corp/other] }")}`,
    );
    expect(warnings.map(({ message }) => message)).toEqual([
      'no issuer or identity can be in the group "analyst"; did you mean "analysts"?',
    ]);
  });
});

describe("issuers", () => {
  it.each(["HS256", "none", "RS1"])("%s cannot prove who signed", (algorithm) => {
    expect(problemsOf(`issuers:\n${issuer("a", `, algorithms: [${algorithm}]`)}`)).toEqual([
      expect.stringContaining("a shared secret cannot prove who signed"),
    ]);
  });

  it("that are no URL need jwksUri", () => {
    const text = (more: string) => `issuers:\n  - { name: k, issuer: kubernetes/serviceaccount, audience: weir${more} }\n`;
    expect(problemsOf(text(""))).toEqual(["2:24: issuers[0].issuer must be an https: URL to be discovered; give jwksUri for any other"]);
    expect(problemsOf(text(', jwksUri: "https://k.example/keys"'))).toEqual([]);
  });
});

describe("revisions", () => {
  const withUpstream = (path: string, env: Record<string, string> = {}) =>
    parsed(
      `connections:\n  - { name: a, protocol: openai, upstream: "https://a.example${path}", credential: { header: api-key, value: "\${env:CREDENTIAL}" } }\n`,
      {
        env: { WEIR_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"), CREDENTIAL: "one", ...env },
      },
    ).config;

  it("of a connection change with its address and its credential, and with nothing else", () => {
    const revision = (config: ReturnType<typeof withUpstream>) => config.connections[0]?.revision;
    expect(revision(withUpstream("/v1"))).toBe(revision(withUpstream("/v1")));
    expect(revision(withUpstream("/v1"))).not.toBe(revision(withUpstream("/v2")));
    expect(revision(withUpstream("/v1"))).not.toBe(revision(withUpstream("/v1", { CREDENTIAL: "two" })));
  });

  it("of policies change with any of them and with the recording's detectors", () => {
    const revision = (text: string) => parsed(text).config.policyRevision;
    const one = "policies: [{ name: p, effect: allow }]\n";
    expect(revision(one)).toBe(revision(`listen: { port: 1 }\n${one}`));
    expect(revision(one)).not.toBe(revision("policies: [{ name: p, effect: deny }]\n"));
    expect(revision(one)).not.toBe(revision(`recording: { detectors: [pii] }\n${one}`));
  });
});
