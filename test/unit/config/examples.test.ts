import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadConfig, printResolved } from "../../../src/config/index.ts";
import { compileEgress } from "../../../src/connections/index.ts";
import { compileRules } from "../../../src/rules.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const files = [
  ...readdirSync(`${root}examples`).flatMap((name) => (name.endsWith(".yaml") ? [`examples/${name}`] : [])),
  "deploy/compose/weir.yaml",
  "bench/gateway/weir.bench.yaml",
];

const env = {
  WEIR_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  DATABASE_URL: "postgres://weir@db.internal/weir",
  OPENAI_API_KEY: randomBytes(16).toString("hex"),
  WEIR_SLACK_URL: "https://hooks.example.com/made-up",
  ANTHROPIC_API_KEY: randomBytes(16).toString("hex"),
  ...Object.fromEntries(["API", "REPORT", "AGENT", "BENCH"].map((name) => [`WEIR_${name}_KEY`, `weir_${randomBytes(32).toString("hex")}`])),
};

describe("every configuration in the repository", () => {
  it.each(files)("%s loads without a warning, and its policies compile", (file) => {
    const loaded = loadConfig(`${root}${file}`, { env, compileEgress });
    expect(loaded.warnings).toEqual([]);
    expect(compileRules(loaded).revision).toBe(loaded.config.policyRevision);
    for (const secret of Object.values(env)) expect(printResolved(loaded.config)).not.toContain(secret);
  });
});
