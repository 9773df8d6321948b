import { describe, expect, it } from "vitest";
import { ConfigError, parseConfig } from "../../../src/config/index.ts";
import { environment, parsed, problemsOf } from "../../support/configuration.ts";

const connection = "connections: [{ name: gpt, protocol: openai, upstream: https://api.openai.com/v1 }]\n";

describe("a configuration", () => {
  it("has its defaults filled in and is frozen throughout", () => {
    const { config, warnings } = parsed(`${connection}policies: [{ name: all, effect: allow }]\n`);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      listen: { address: "127.0.0.1", port: 8080 },
      admin: { address: "127.0.0.1", port: 8081, url: "http://127.0.0.1:8081" },
      database: { kind: "embedded" },
      egress: { allow: undefined },
      recording: { durability: "process", detectors: ["all"] },
      connections: [{ http: "1.1", timeouts: { connect: 5000, firstByte: 60_000, idle: 60_000, total: 900_000 }, anonymous: false }],
      policies: [{ match: {}, record: { request: "masked", response: "masked", retentionDays: 90 } }],
    });
    expect(Object.isFrozen(config.connections[0]?.timeouts)).toBe(true);
    expect(Object.isFrozen(config.policies[0]?.match)).toBe(true);
  });

  it("starts relative paths at its own folder", () => {
    const { config } = parseConfig("encryptionKey: ${env:WEIR_ENCRYPTION_KEY}\ndataDir: data\n", "/etc/weir/weir.yaml", {
      env: environment,
    });
    expect(config.dataDir).toBe("/etc/weir/data");
  });

  it("keeps of an API key only its SHA-256", () => {
    const { config } = parsed('identities: [{ name: report, apiKey: "${env:WEIR_REPORT_KEY}" }]\n');
    expect(config.identities).toEqual([
      { name: "report", kind: "service", groups: [], apiKeyHash: "667b64eae783ef6aa40b3afe0927eee04a83fa2c6de1e007ec89c2421478354f" },
    ]);
  });

  it("accepts every supported part of the contract's example", () => {
    const { config } = parsed(`
egress: { allow: [public, 10.0.0.0/8, 127.0.0.0/8] }
roles: { admin: [platform], reviewer: [security], auditor: [audit] }
issuers:
  - name: corp
    issuer: https://id.example.com
    audience: weir
    algorithms: [RS256, ES256]
    claims: { subject: sub, groups: groups, email: email }
    groups: [analysts, security, platform, audit]
    maxTokenAge: 1h
connections:
  - name: gpt
    protocol: openai
    upstream: https://api.openai.com/v1/
    credential: { header: Authorization, value: "Bearer \${env:OPENAI_API_KEY}" }
    timeouts: { connect: 5s, firstByte: 60s, idle: 60s, total: 15m }
    route: { hosts: [Models.Internal], paths: [/gpt] }
policies:
  - name: analysts
    match: { groups: [analysts], connections: [gpt], models: ["gpt-4o*"], operations: [chat.completions] }
    effect: allow
    limits: { promptTokens: 8000 }
    prompts: { deny: ["(?i)ignore (all )?previous instructions"], allow: [] }
    approval: { when: { keywords: [export, write, token], promptTokensOver: 4000 }, reviewers: { groups: [security], count: 1 }, expires: 15m }
    mask:
      response: [pii, credentials]
      request: [credentials]
      custom: [{ name: project-code, regex: "PRJ-[0-9]{6}", replace: "[PROJECT]" }]
      keys: ["ssn", "$.patient.*.dob"]
      onUnmaskable: refuse
    record: { request: masked, response: metadata, retention: 90d }
`);
    const [gpt] = config.connections;
    expect(gpt?.upstream).toBe("https://api.openai.com/v1");
    expect(gpt?.credential?.header).toBe("authorization");
    expect(gpt?.credential?.value.reveal()).toBe("Bearer upstream-credential");
    expect(gpt?.route.hosts).toEqual(["models.internal"]);
    expect(config.issuers[0]).toMatchObject({ audience: ["weir"], maxTokenAge: 3_600_000 });
    expect(config.policies[0]).toMatchObject({
      promptTokens: 8000,
      approval: { keywords: ["export", "write", "token"], promptTokensOver: 4000, expires: 900_000 },
      mask: { custom: [{ name: "project-code", pattern: "PRJ-[0-9]{6}", replace: { kind: "fixed", text: "[PROJECT]" } }] },
      record: { request: "masked", response: "metadata", retentionDays: 90 },
    });
  });
});

describe("everything wrong is told at once, by line and column", () => {
  it("unknown keys, with the key that was probably meant", () => {
    expect(problemsOf("listen: { adress: 127.0.0.1 }\npolices: []\nzebra: 1\n")).toEqual([
      '1:11: unknown key "adress"; did you mean "address"?',
      '2:1: unknown key "polices"; did you mean "policies"?',
      '3:1: unknown key "zebra"',
    ]);
  });

  it("wrong types, values out of range and missing keys", () => {
    const text = "listen: { port: 80800 }\nconnections:\n  - name: gpt\n    protocol: opnai\n  - 7\n";
    expect(problemsOf(text)).toEqual([
      "1:17: listen.port must be from 0 to 65535",
      "3:5: upstream is missing",
      '4:15: connections[0].protocol must be one of openai, anthropic, rest, grpc, connect; did you mean "openai"?',
      "5:5: connections[1] must be a map, not a number",
    ]);
  });

  it("shapes and what does not fit together, in one go", () => {
    const text = `${connection}policies:\n  - { name: a, effect: allow, match: { connections: [gtp] } }\nlisten: { port: x }\n`;
    expect(problemsOf(text)).toEqual([
      '3:54: there is no connection named "gtp"; did you mean "gpt"?',
      "4:17: listen.port must be a whole number",
    ]);
  });

  it("one mistake makes one message: what reads a wrong part is not asked", () => {
    const text = "connections: [{ name: gpt }]\npolicies: [{ name: a, effect: allow, match: { connections: [gpt] } }]\n";
    expect(problemsOf(text)).toEqual(["1:15: protocol is missing", "1:15: upstream is missing"]);
  });

  it("an error says file, line and column as compilers do", () => {
    const load = () => parseConfig("listen: 7\n", "conf/weir.yaml", { env: environment });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow("conf/weir.yaml:1:9: listen must be a map, not a number");
  });
});

describe("the address that links begin with", () => {
  it.each([
    ['admin: { url: "https://weir.example.com/ops/" }', "https://weir.example.com/ops"],
    ['admin: { address: "::1", port: 9000 }', "http://[::1]:9000"],
    ["admin: { port: 0 }", undefined],
  ])("%s", (text, url) => {
    expect(parsed(text).config.admin.url).toBe(url);
  });

  it.each(["ftp://weir.example.com", "https://user@weir.example.com", "https://weir.example.com/?a"])("is not %s", (url) => {
    expect(problemsOf(`admin: { url: "${url}" }\n`)).toEqual([expect.stringContaining("1:15: admin.url must ")]);
  });
});

describe("a part whose machinery comes later is refused, never ignored", () => {
  const withConnection = (part: string) => `connections:\n  - { name: c, protocol: openai, upstream: "https://a.example", ${part} }\n`;
  it.each([
    ["admin: { tls: { cert: a, key: b } }\n", "1:15"],
    [withConnection('http: "2"'), "2:71"],
  ])("%s", (text, at) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${at}: .*not yet supported$`));
  });
});
