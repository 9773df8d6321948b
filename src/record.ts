/** Starts what keeps the record: the database, its migrations, the journal and its way to the database. */

import { mkdirSync } from "node:fs";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Closers } from "./closers.ts";
import type { Config, Database } from "./config/index.ts";
import type { Recorder } from "./enforcement/index.ts";
import { startRecorder } from "./sessions/index.ts";
import { type DatabaseAddress, migrate, type StoreLog, startEmbedded } from "./store/index.ts";
import type { JournalFigures } from "./telemetry/index.ts";

export interface RecordKeeping {
  readonly recorder: Recorder;
  readonly figures: () => JournalFigures;
  /** Where the record is. */
  readonly database: DatabaseAddress;
}

const privateFolder = 0o700;

const openDatabase = async (database: Database, dataDir: string, log: StoreLog, closers: Closers): Promise<DatabaseAddress> => {
  if (database.kind === "url") return { connectionString: database.url.reveal() };
  const embedded = await startEmbedded({ dataDir, log });
  closers.add(() => embedded.stop());
  return embedded.connection;
};

/** Starts recording by a configuration. Rejects when the database cannot be reached or migrated, and when another process has the journal. */
export const startRecord = async (config: Config, log: StoreLog, closers: Closers): Promise<RecordKeeping> => {
  const { dataDir, recording, encryptionKey } = config;
  mkdirSync(dataDir, { recursive: true, mode: privateFolder });
  const database = await openDatabase(config.database, dataDir, log, closers);
  await migrate(database);
  const recorder = await startRecorder({
    dataDir,
    database,
    durability: recording.durability,
    encryptionKey: Buffer.from(encryptionKey.reveal(), "base64"),
    log,
  });
  closers.add(() => recorder.stop());
  return { recorder, database, figures: () => ({ backlogBytes: recorder.journalBytes }) };
};

/** The services of the management API; empty until the record's service is offered. */
export const managementRoutes =
  (_: RecordKeeping) =>
  (_router: ConnectRouter): void =>
    undefined;
