/** A recorder on a database and a folder of its own. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Durability, MasterKey, type RunningRecorder, startRecorder } from "../../src/sessions/index.ts";
import { openPool, type Pool } from "../../src/store/index.ts";
import { cloneDatabase, type ServerAddress, silentLog, type TestDatabase } from "./database.ts";

export interface RecordBench {
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly encryptionKey: Buffer;
  readonly master: MasterKey;
  /** A pool that may read the record. */
  readonly reader: Pool;
  start(options?: {
    durability?: Durability;
    maxJournalBytes?: number;
    journalFileBytes?: number;
    port?: number;
  }): Promise<RunningRecorder>;
  close(): Promise<void>;
}

export const openRecordBench = async (server: ServerAddress): Promise<RecordBench> => {
  const database = await cloneDatabase(server);
  const dataDir = await mkdtemp(join(tmpdir(), "weir-record-"));
  const encryptionKey = randomBytes(32);
  const reader = openPool({ address: database.address, role: "weir_reader", log: silentLog, max: 2 });
  return {
    database,
    dataDir,
    encryptionKey,
    master: new MasterKey(encryptionKey),
    reader,
    start: ({ durability = "process", port, ...limits } = {}) => {
      const address = { ...database.address, ...(port === undefined ? {} : { host: "127.0.0.1", port }) };
      return startRecorder({ dataDir, database: address, encryptionKey, durability, log: silentLog, ...limits });
    },
    close: async () => {
      await reader.end();
      await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
};
