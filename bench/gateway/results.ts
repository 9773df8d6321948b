/** The harness's results file: the fields that the report reads, and medians over repetitions. */

import { readFileSync } from "node:fs";
import { z } from "zod";

const runSchema = z.object({
  target: z.string(),
  scenario: z.string(),
  requests: z.number(),
  errors: z.number(),
  rps: z.number(),
  p50_ms: z.number(),
  p99_ms: z.number(),
  token_delay_p50_ms: z.number().optional(),
  tokens_per_s: z.number().optional(),
  leaked_responses: z.number(),
  target_cpu_s_per_1k_requests: z.number(),
  target_cpu_s_per_1M_tokens: z.number().optional(),
  target_rss_mib: z.number(),
  loadavg_1m: z.number(),
});

const resultsSchema = z.object({
  when: z.string(),
  targets: z.array(z.object({ name: z.string(), note: z.string().optional(), startup_s: z.number(), idle_rss_mib: z.number() })),
  scenarios: z.array(z.object({ name: z.string(), mode: z.string() })),
  runs: z.array(runSchema),
});

export type Results = z.infer<typeof resultsSchema>;
type Run = z.infer<typeof runSchema>;
/** A figure of one run: every field of the harness's record but its two names. */
export type Figure = Exclude<keyof Run, "target" | "scenario">;

export const readResults = (file: string): Results => resultsSchema.parse(JSON.parse(readFileSync(file, "utf8")));

const median = (values: readonly number[]): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
};

const runsOf = (results: Results, target: string, scenario: string): readonly Run[] =>
  results.runs.filter((run) => run.target === target && run.scenario === scenario);

/** The median of a figure over the repetitions; undefined where that target did not run that scenario. */
export const figure = (results: Results, target: string, scenario: string, name: Figure): number | undefined =>
  median(runsOf(results, target, scenario).flatMap((run) => run[name] ?? []));

/** A count summed over the repetitions. */
export const total = (results: Results, target: string, scenario: string, name: "requests" | "errors" | "leaked_responses"): number =>
  runsOf(results, target, scenario).reduce((sum, run) => sum + run[name], 0);
