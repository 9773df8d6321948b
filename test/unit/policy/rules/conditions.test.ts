import { describe, expect, it } from "vitest";
import { compileExpression, ExpressionError } from "../../../../policy/rules/expression.ts";
import { compileNetworks } from "../../../../policy/rules/network.ts";
import { compileSchedule } from "../../../../policy/rules/schedule.ts";
import { facts, principal } from "../../../support/policy-facts.ts";

const holds = (source: string, given: Parameters<typeof facts>[0] = {}, tokens = 0): boolean =>
  compileExpression(source, { prompt: true }).test(facts(given), { tokens: () => tokens });

const refused = (source: string, prompt = false): ExpressionError => {
  try {
    compileExpression(source, { prompt });
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return thrown;
  }
  throw new Error(`${source} was taken`);
};

describe("an expression", () => {
  it("asks for what the request wants and who makes it", () => {
    expect(holds('request.model.startsWith("gpt-5")')).toBe(false);
    expect(holds('request.model.startsWith("gpt-4") && request.operation == "chat.completions" && request.connection == "gpt"')).toBe(true);
    expect(holds('"analysts" in identity.groups && identity.kind == "human" && identity.issuer == "corp"')).toBe(true);
    expect(holds('identity.email.endsWith("@corp.example")', { principal: principal({ email: "a@corp.example" }) })).toBe(true);
    expect(holds('source == "127.0.0.1" && request.features.exists(f, f == "mcp")', { features: ["mcp"] })).toBe(true);
    expect(holds("prompt.tokens > 100", {}, 101)).toBe(true);
  });

  it("matches patterns on the linear engine, however they and their texts are written", () => {
    expect(holds('request.model.matches("^gpt-4o(-mini)?$")')).toBe(true);
    expect(holds('request.model.matches("^gpt-5") || identity.name . matches ( "(?i)ALICE" )')).toBe(true);
    const hostile = "a".repeat(50_000);
    expect(holds('request.model.matches("(a|aa)+$")', { model: `${hostile}!` })).toBe(false);
    expect(holds('"matches".contains("matches") && request.model.matches("gpt")')).toBe(true);
  });

  it.each([
    ["request.nope == 1", "nope"],
    ["request.model", "true or false"],
    ["request.model == 1", "=="],
    ["request.model.", "IDENTIFIER"],
    ["unknown.field", "unknown"],
    ['request.model.matches("(a)\\\\1")', "back-reference"],
    ['request.model.matches("(a")', ""],
    ["request.model.matches(identity.name)", "pattern itself"],
    ['matches(request.model, "x")', "pattern itself"],
    ["prompt.tokens > 1", "approval.when"],
    [`${"(".repeat(60)}true${")".repeat(60)}`, ""],
    [Array.from({ length: 2_000 }, () => "true").join(" && "), ""],
  ])("is refused at load when it could not be evaluated: %s", (source, told) => {
    expect(refused(source).message).toContain(told);
  });

  it("says where it is wrong", () => {
    expect(refused('request.model == "a" && request.nope').position).toBeGreaterThanOrEqual(24);
    expect(refused('request.model.matches("ab(c")').position).toBeGreaterThanOrEqual(23);
  });
});

describe("networks", () => {
  const isIn = (network: string, address: string): boolean => compileNetworks([network])(address);

  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.1.1", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["2001:db8::/32", "2001:db8:1::5", true],
    ["2001:db8::/32", "2001:db9::5", false],
    ["::/0", "::1", true],
    ["::/0", "127.0.0.1", false],
    ["fe80::/10", "fe80::1%eth0", true],
    ["::ffff:10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "not an address", false],
    ["10.0.0.0/8", "", false],
  ])("%s and %s: %s", (network, address, expected) => {
    expect(isIn(network, address)).toBe(expected);
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "256.0.0.1", "2001:db8::/129", "1::2::3", "host.example", "10.0.0.0/", "010.0.0.1"])(
    "%s is none",
    (text) => {
      expect(() => compileNetworks([text])).toThrow("is no network");
    },
  );
});

describe("time windows", () => {
  const at = (text: string): number => Date.parse(text);
  const isOpen = (window: Parameters<typeof compileSchedule>[0][number], moment: string): boolean => compileSchedule([window])(at(moment));

  it("go by the clock of their place, summer time included", () => {
    const office = { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00", zone: "Europe/Berlin" } as const;
    expect(isOpen(office, "2026-01-07T07:00:00Z")).toBe(true);
    expect(isOpen(office, "2026-01-07T06:59:59Z")).toBe(false);
    expect(isOpen(office, "2026-07-08T06:00:00Z")).toBe(true);
    expect(isOpen(office, "2026-01-07T17:00:00Z")).toBe(false);
    expect(isOpen(office, "2026-01-10T10:00:00Z")).toBe(false);
  });

  it("may go on past midnight, and belong to the day that they began on", () => {
    const night = { days: ["fri"], from: "22:00", to: "06:00", zone: "UTC" } as const;
    expect(isOpen(night, "2026-01-09T23:00:00Z")).toBe(true);
    expect(isOpen(night, "2026-01-10T05:59:00Z")).toBe(true);
    expect(isOpen(night, "2026-01-10T06:00:00Z")).toBe(false);
    expect(isOpen(night, "2026-01-10T23:00:00Z")).toBe(false);
    expect(isOpen(night, "2026-01-09T05:00:00Z")).toBe(false);
  });

  it("that are none are refused", () => {
    expect(() => compileSchedule([{ from: "8:00", to: "18:00", zone: "UTC" }])).toThrow("time of day");
    expect(() => compileSchedule([{ from: "08:00", to: "25:00", zone: "UTC" }])).toThrow("time of day");
    expect(() => compileSchedule([{ from: "08:00", to: "18:00", zone: "Mars/Olympus" }])).toThrow("time zone");
  });
});
