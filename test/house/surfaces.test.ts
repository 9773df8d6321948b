import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { surfacesPage } from "../support/surfaces-page.ts";

describe("docs/surfaces.md", () => {
  it("lists what the adapters' tables name (after a change: npx tsx scripts/surfaces.ts)", () => {
    expect(readFileSync(new URL("../../docs/surfaces.md", import.meta.url), "utf8")).toBe(surfacesPage());
  });
});
