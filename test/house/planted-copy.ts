/** A copy of the house's rules with code planted in it, and what Biome says about each plant. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));
const biome = join(root, "node_modules/.bin/biome");

/** Code put at a path of the copy. Later plants at one path overwrite earlier ones. */
export interface Plant {
  readonly file: string;
  readonly code: string;
}

/** What Biome says: the rule (`lint/style/noRestrictedImports`, `plugin`) and its sentence, in order of appearance. */
export interface Finding {
  readonly file: string;
  readonly rule: string;
  readonly sentence: string;
}

const reportSchema = z.object({
  diagnostics: z.array(z.object({ message: z.string(), category: z.string(), location: z.object({ path: z.string() }) })),
});

/** Plants everything in one temporary copy, lints it once and returns the findings. */
export const lintPlanted = (plants: readonly Plant[]): readonly Finding[] => {
  const copy = mkdtempSync(join(tmpdir(), "weir-house-"));
  try {
    for (const part of ["biome.json", "package.json", ".ci/lint"]) cpSync(join(root, part), join(copy, part), { recursive: true });
    for (const { file, code } of plants) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), `${code}\n`);
    }
    const run = spawnSync(biome, ["lint", "--reporter=json", "--max-diagnostics=none", "."], { cwd: copy, encoding: "utf8" });
    const report = reportSchema.parse(JSON.parse(run.stdout));
    return report.diagnostics.map((found) => ({ file: found.location.path, rule: found.category, sentence: found.message }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};
