import { describe, expect, it } from "vitest";
import { otherPreferences, prefersNotToWait } from "../../../src/envelope/preference.ts";

describe("the preference not to wait", () => {
  it.each([
    ["respond-async"],
    ["Respond-Async"],
    ["wait=10, respond-async"],
    ["respond-async; x=1 , handling=lenient"],
    ["return=minimal,respond-async"],
  ])("is read out of %j", (value) => {
    expect(prefersNotToWait([value])).toBe(true);
    expect(prefersNotToWait(["return=minimal", value])).toBe(true);
  });

  it.each([[""], ["respond"], ["respond-async-later"], ["x=respond-async"], ["wait=10"]])("is not read out of %j", (value) => {
    expect(prefersNotToWait([value])).toBe(false);
  });

  it("is taken out from among others, which stay as they came", () => {
    expect(otherPreferences("respond-async")).toBe("");
    expect(otherPreferences("return=minimal, respond-async; x=1, handling=lenient")).toBe("return=minimal, handling=lenient");
    expect(otherPreferences("return=minimal")).toBe("return=minimal");
  });
});
