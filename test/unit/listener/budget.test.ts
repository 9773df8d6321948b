import { describe, expect, it } from "vitest";
import { Budget } from "../../../src/listener/budget.ts";

const spent = (budget: Budget, now: number): number => {
  let count = 0;
  while (budget.spend(now)) count += 1;
  return count;
};

describe("a budget", () => {
  it("lets so many pass at once, and no more at the same moment", () => {
    const budget = new Budget(3, 2, 1_000);
    expect([spent(budget, 1_000), spent(budget, 1_000)]).toEqual([3, 0]);
  });

  it("fills up with time, never beyond its size", () => {
    const budget = new Budget(3, 2, 0);
    expect(spent(budget, 0)).toBe(3);
    expect([spent(budget, 499), spent(budget, 500), spent(budget, 1_500)]).toEqual([0, 1, 2]);
    expect(spent(budget, 1_000_000)).toBe(3);
  });

  it("that never fills up is spent once", () => {
    const budget = new Budget(1, 0, 0);
    expect([spent(budget, 0), spent(budget, 1_000_000)]).toEqual([1, 0]);
  });
});
