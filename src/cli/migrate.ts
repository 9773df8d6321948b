/** `weir migrate`: brings the database to this version. */

import { Command } from "commander";
import type { Config } from "../config/index.ts";
import { type DatabaseAddress, migrate, startEmbedded } from "../store/index.ts";
import { createLog } from "../telemetry/index.ts";
import { readConfiguration } from "./configuration.ts";
import { type Output, remark } from "./output.ts";

const withDatabase = async <T>({ database, dataDir }: Config, work: (address: DatabaseAddress) => Promise<T>): Promise<T> => {
  if (database.kind === "url") return work({ connectionString: database.url.reveal() });
  const embedded = await startEmbedded({ dataDir, log: createLog({ level: "warn" }) });
  try {
    return await work(embedded.connection);
  } finally {
    await embedded.stop();
  }
};

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
