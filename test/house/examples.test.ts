import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Blocks of a document that are whole configurations. */
const configurationsIn = (document: string): readonly string[] =>
  [...read(document).matchAll(/```yaml\n(listen:.*?)```/gs)].map(([, text]) => text ?? "");

const env = {
  DATABASE_URL: "postgres://weir:secret@postgres:5432/weir",
  OPENAI_API_KEY: "an upstream's key",
  WEIR_API_KEY: `weir_${randomBytes(32).toString("hex")}`,
  WEIR_BENCH_KEY: `weir_${randomBytes(32).toString("hex")}`,
  WEIR_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
};

const examples = [
  ...["deploy/compose/weir.yaml", "bench/gateway/weir.bench.yaml"].map((file) => ({ file, text: read(file) })),
  ...configurationsIn("README.md").map((text) => ({ file: "README.md", text })),
];

describe("every example of a configuration", () => {
  it("is found", () => {
    expect(examples.map(({ file }) => file)).toContain("README.md");
  });

  it.each(examples)("in $file loads, without a warning", ({ file, text }) => {
    expect(parseConfig(text, join(root, file), { env }).warnings).toEqual([]);
  });
});
