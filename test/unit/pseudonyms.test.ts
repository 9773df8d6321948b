import { describe, expect, it } from "vitest";
import { parseConfig, printResolved } from "../../src/config/index.ts";
import { pseudonyms } from "../../src/pseudonyms.ts";
import { compileRules } from "../../src/rules.ts";
import { environment } from "../support/configuration.ts";

const yaml = (regex: string): string => `
encryptionKey: \${env:WEIR_ENCRYPTION_KEY}
connections: [{ name: gpt, protocol: openai, upstream: https://api.openai.com/v1 }]
policies:
  - name: all
    effect: allow
    mask: { response: [], custom: [{ name: account-key, regex: "${regex}", replace: { hash: true } }] }
`;

const load = (regex: string, env: Readonly<Record<string, string | undefined>> = environment) =>
  parseConfig(yaml(regex), "/etc/weir/weir.yaml", { env });

const masked = (loaded: ReturnType<typeof load>, text: string): string | undefined => {
  const decision = compileRules(loaded).decide({
    principal: { kind: "service", issuer: "weir", subject: "a", name: "a", email: undefined, groups: [] },
    connection: "gpt",
    operation: { name: "chat.completions", class: "inference" },
    model: "m",
    features: [],
    tools: [],
    at: 0,
    remoteAddress: "127.0.0.1",
  });
  return decision.effect === "allow" ? decision.obligations.maskResponse?.mask(text) : undefined;
};

const key = "ak_0123456789abcdef0123456789abcdef";

describe("pseudonyms in a configuration", () => {
  it("are the same for the same secret, of every replica and after every load", () => {
    const first = masked(load("ak_[0-9a-f]{32}"), `${key} and ${key}`);
    expect(first).toMatch(/^\[ACCOUNT_KEY:([0-9a-f]{12})\] and \[ACCOUNT_KEY:\1\]$/);
    expect(masked(load("ak_[0-9a-f]{32}"), `${key} and ${key}`)).toBe(first);
  });

  it("are others under another key", () => {
    const other = { ...environment, WEIR_ENCRYPTION_KEY: Buffer.alloc(32, 8).toString("base64") };
    expect(masked(load("ak_[0-9a-f]{32}", other), key)).not.toBe(masked(load("ak_[0-9a-f]{32}"), key));
  });

  it("are refused for what could be found by trying, at the pattern", () => {
    expect(() => compileRules(load("PRJ-[0-9]{6}"))).toThrow(/weir\.yaml:\d+:\d+: .*at least 64 bits, not 19/);
  });

  it("are printed as they are written", () => {
    expect(printResolved(load("ak_[0-9a-f]{32}").config)).toMatch(/replace:\s+hash: true/);
  });

  it("do not tell the key's bytes from their base64", () => {
    const bytes = Buffer.alloc(32, 9);
    expect(pseudonyms(bytes.toString("base64"))("x")).toBe(pseudonyms(bytes)("x"));
  });
});
