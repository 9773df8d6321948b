import { describe, expect, it } from "vitest";
import { Metrics, type OutcomeLabel } from "../../../src/telemetry/index.ts";

const pageOf = async (fill: (metrics: Metrics) => void): Promise<string> => {
  const metrics = new Metrics();
  metrics.connections = ["gpt"];
  fill(metrics);
  return (await metrics.page()).text;
};

describe("the metrics page", () => {
  it("counts calls by connection and outcome, their seconds and tokens", async () => {
    const page = await pageOf((metrics) => {
      metrics.callBegan();
      metrics.callBegan();
      metrics.callEnded({ connection: "gpt", outcome: "answered", seconds: 0.2, tokens: { input: 7, output: 30 } });
    });
    expect(page).toContain('weir_calls_total{connection="gpt",outcome="answered"} 1');
    expect(page).toContain('weir_call_duration_seconds_count{connection="gpt"} 1');
    expect(page).toContain('weir_tokens_total{connection="gpt",direction="response"} 30');
    expect(page).toContain("weir_calls_open 1");
  });

  it("has no series for names that nobody configured", async () => {
    const page = await pageOf((metrics) => {
      for (let index = 0; index < 100; index++) {
        metrics.callEnded({ connection: `made-up-${index}`, outcome: `made-up-${index}` as OutcomeLabel, seconds: 0 });
        metrics.masked(`made-up-${index}`, "response", 1);
      }
    });
    expect(page).not.toContain("made-up");
    expect(page).toContain('weir_calls_total{connection="other",outcome="other"} 100');
  });

  it("asks the journal whenever it is read", async () => {
    let backlogBytes = 1;
    const metrics = new Metrics();
    metrics.watchJournal(() => ({ backlogBytes }));
    backlogBytes = 42;
    expect((await metrics.page()).text).toContain("weir_journal_backlog_bytes 42");
  });
});
