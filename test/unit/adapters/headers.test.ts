import { describe, expect, it } from "vitest";
import { passingHeaders, passingQuery } from "../../../adapters/shared/headers.ts";

const everything = { names: new Set<string>(), prefixes: [""] };

describe("headers on their way through", () => {
  it.each([
    "authorization",
    "Api-Key",
    "X-API-KEY",
    "cookie",
    "set-cookie",
    "proxy-authorization",
    "weir-connection",
    "x-forwarded-for",
    "forwarded",
    "connection",
    "transfer-encoding",
    "content-length",
    "te",
    "upgrade",
    "host",
    "expect",
  ])("never include %s, whatever is allowed", (name) => {
    expect(passingHeaders([name, "value", "x-kept", "1"], everything)).toEqual(["x-kept", "1"]);
  });

  it("leave out what Connection names, wherever it stands", () => {
    expect(
      passingHeaders(["X-One", "1", "Connection", "close, x-one", "connection", "X-Two", "X-Two", "2", "X-Three", "3"], everything),
    ).toEqual(["x-three", "3"]);
  });

  it("pass by name or by the beginning of it, and by nothing else", () => {
    const allowance = { names: new Set(["accept"]), prefixes: ["x-ratelimit-"] };
    expect(passingHeaders(["Accept", "*/*", "X-RateLimit-Reset", "6m0s", "accept-language", "de", "x-model-text", "a"], allowance)).toEqual(
      ["accept", "*/*", "x-ratelimit-reset", "6m0s"],
    );
  });

  it("hold short tokens only: whatever could be text stays behind", () => {
    expect(passingHeaders(["x-a", "naïve", "x-b", "a".repeat(161), "x-c", "", "x-d", "ok"], everything)).toEqual(["x-d", "ok"]);
  });

  it("are taken once: the first", () => {
    expect(passingHeaders(["x-a", "1", "X-A", "2"], everything)).toEqual(["x-a", "1"]);
  });
});

describe("a query on its way through", () => {
  it("loses its credentials, however their keys are spelled, and keeps the rest as it came", () => {
    expect(passingQuery("a=1&api_key=x&b=%20&API-KEY=y&acc%65ss_token=z&c&%zz=1")).toBe("a=1&b=%20&c");
    expect(passingQuery("")).toBe("");
  });
});
