import { expect, it } from "vitest";
import { declarationNotice } from "../../src/notices.ts";

const changes = (count: number) => Array.from({ length: count }, (_, index) => ({ action: "policy.create", object: `p${index}` }));

it("a change of what is declared is told with who made it and what it was", () => {
  expect(declarationNotice("rev", { name: "root" }, changes(2))).toEqual({
    type: "configuration.changed",
    sentence: "root: policy.create p0, policy.create p1.",
    data: { policyRevision: "rev", by: "root", changes: ["policy.create p0", "policy.create p1"], count: 2 },
  });
});

it("a change of very much names the beginning, and how much more there is", () => {
  const { sentence, data } = declarationNotice("rev", { name: "root" }, changes(300));
  expect(sentence).toMatch(/policy\.create p19, and 280 more\.$/);
  expect(data).toMatchObject({ count: 300 });
});
