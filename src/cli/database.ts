/** The database of a configuration, for commands that work on it without a gateway. */

import type { Config } from "../config/index.ts";
import { type DatabaseAddress, FolderBusyError, startEmbedded } from "../store/index.ts";
import { createLog } from "../telemetry/index.ts";
import { CommandFailed } from "./failure.ts";

/** Runs `work` with the database; the embedded one is started for it, and stopped afterwards. Rejects with CommandFailed while a gateway has it. */
export const withDatabase = async <T>({ database, dataDir }: Config, work: (address: DatabaseAddress) => Promise<T>): Promise<T> => {
  if (database.kind === "url") return work({ connectionString: database.url.reveal() });
  const embedded = await startEmbedded({ dataDir, log: createLog({ level: "warn" }) }).catch((thrown: unknown) => {
    if (thrown instanceof FolderBusyError)
      throw new CommandFailed(`${thrown.message}. Stop the gateway that uses its embedded database first.`);
    throw thrown;
  });
  try {
    return await work(embedded.connection);
  } finally {
    await embedded.stop();
  }
};
