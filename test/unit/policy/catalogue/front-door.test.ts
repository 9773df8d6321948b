import { describe, expect, test } from "vitest";
import { catalogue, detectorsNamed, PACKS, packs, UnknownDetector } from "../../../../policy/catalogue/index.ts";

const names = (wanted: readonly string[]): readonly string[] => detectorsNamed(wanted).map(({ name }) => name);

describe("the catalogue's front door", () => {
  test("gives every detector a name of its own in kebab-case", () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    for (const { name } of catalogue) expect(name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
  });

  test("keeps the names of packs and detectors apart", () => {
    for (const { name } of catalogue) expect(packs.has(name)).toBe(false);
  });

  test("has no empty pack", () => {
    for (const pack of PACKS) expect(packs.get(pack)?.length, pack).toBeGreaterThan(0);
  });

  test("knows every detector as `all`", () => {
    expect(detectorsNamed(["all"])).toEqual(catalogue);
  });

  test("gives detectors once and in the catalogue's order, however they are asked for", () => {
    expect(names(["email", "credit-card", "pii", "credit-card"])).toEqual(names(["pii"]));
    expect(names(["email", "credit-card"])).toEqual(names(["credit-card", "email"]));
  });

  test("refuses an unknown name with the nearest ones", () => {
    expect(() => detectorsNamed(["emial"])).toThrow(UnknownDetector);
    expect(() => detectorsNamed(["emial"])).toThrow(/near: .*email/);
    expect(() => detectorsNamed(["zzzzzz"])).toThrow(/no detector or pack "zzzzzz"$/);
  });
});
