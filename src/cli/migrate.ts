/** `weir migrate`: brings the database to this version. */

import { Command } from "commander";
import { migrate } from "../store/index.ts";
import { readConfiguration } from "./configuration.ts";
import { withDatabase } from "./database.ts";
import { type Output, remark } from "./output.ts";

/** Applies the migrations that the configured database lacks; `serve` does the same when it starts. */
export const migrateCommand = (output: Output): Command =>
  new Command("migrate")
    .description("bring the database to this version")
    .requiredOption("--config <file>", "the configuration, weir.yaml")
    .addHelpText("after", "\nExample:\n  weir migrate --config weir.yaml")
    .action(async ({ config: file }: { config: string }) => {
      const { config } = await readConfiguration(file);
      const applied = await withDatabase(config, migrate);
      for (const name of applied) remark(output, `applied ${name}`);
      remark(output, applied.length === 0 ? "Nothing to do." : "The database is up to date.");
    });
