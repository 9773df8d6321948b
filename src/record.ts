/** Starts what keeps the record: the database, its migrations, the journal and its way to the database. */

import type { Closers } from "./closers.ts";
import type { Config, Database } from "./config/index.ts";
import type { SessionRoutesOptions } from "./console/api/index.ts";
import type { Recorder } from "./enforcement/index.ts";
import { MasterKey, startRecorder, startRetention } from "./sessions/index.ts";
import { type DatabaseAddress, migrate, openPool, type StoreLog, startEmbedded } from "./store/index.ts";
import type { JournalFigures } from "./telemetry/index.ts";

export interface RecordKeeping {
  readonly recorder: Recorder;
  readonly figures: () => JournalFigures;
  /** Where the record lies, and everything else that replicas share. */
  readonly database: DatabaseAddress;
  /** How the record is read. */
  readonly reading: Pick<SessionRoutesOptions, "pool" | "master">;
}

/** Connections for people who read the record: enough for a few at once, too few to disturb the writer. */
const readers = 3;

const openDatabase = async (database: Database, dataDir: string, log: StoreLog, closers: Closers): Promise<DatabaseAddress> => {
  if (database.kind === "url") return { connectionString: database.url.reveal() };
  const embedded = await startEmbedded({ dataDir, log });
  closers.add(() => embedded.stop());
  return embedded.connection;
};

/** Starts recording by a configuration. Rejects when the database cannot be reached or migrated, and when another process has the journal. */
export const startRecord = async (config: Config, log: StoreLog, closers: Closers): Promise<RecordKeeping> => {
  const { dataDir, recording, encryptionKey } = config;
  const database = await openDatabase(config.database, dataDir, log, closers);
  await migrate(database);
  const key = Buffer.from(encryptionKey.reveal(), "base64");
  const recorder = await startRecorder({ dataDir, database, durability: recording.durability, encryptionKey: key, log });
  closers.add(() => recorder.stop());
  const owner = openPool({ address: database, role: "owner", log, max: 1 });
  closers.add(() => owner.end());
  const retention = startRetention(owner, log);
  closers.add(() => retention.stop());
  const pool = openPool({ address: database, role: "weir_reader", log, max: readers });
  closers.add(() => pool.end());
  return { recorder, database, reading: { pool, master: new MasterKey(key) }, figures: () => ({ backlogBytes: recorder.journalBytes }) };
};
