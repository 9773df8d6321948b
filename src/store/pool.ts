/** Connections to PostgreSQL: a pool for each purpose, and transactions. */

import pg from "pg";
import type { DatabaseAddress } from "./address.ts";
import type { StoreLog } from "./log.ts";

export type Pool = pg.Pool;

/** A connection of the pool, within a transaction. */
export type Transaction = Pick<Pool, "query">;

/**
 * What is written in the transaction of a change, once that is made and before it is committed: both stand, or neither. Told what was `Made`, where the
 * change says so. INVARIANT: asks nothing of the pool itself, for whoever holds a connection and waits for another may wait for ever.
 */
export type Also<Made extends readonly unknown[] = []> = (transaction: Transaction, ...made: Made) => Promise<void>;

/**
 * As whom a pool's connections work. `owner` owns the tables and changes them (migrations, retention); `weir_writer` may only add to the record;
 * `weir_reader` may read it, and add that it did; `weir_access` keeps tokens, identities and revocations, and sees nothing of the record.
 */
export type Role = "owner" | "weir_writer" | "weir_reader" | "weir_access";

export interface PoolOptions {
  readonly address: DatabaseAddress;
  readonly role: Role;
  readonly log: StoreLog;
  /** Connections at most. */
  readonly max?: number;
}

/** Time to get a connection, milliseconds: beyond it the database counts as away. */
const connectTimeoutMs = 5_000;
/** Longest a statement may take, milliseconds: batches and pages take a few; a hanging server must not hang us. */
const statementTimeoutMs = 60_000;
const defaultConnections = 4;

/** Opens a pool; it connects when first used. */
export const openPool = ({ address, role, log, max = defaultConnections }: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...address,
    max,
    application_name: `weir ${role}`,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    onConnect: async (client) => {
      if (role !== "owner") await client.query(`SET ROLE ${role}`);
    },
  });
  // An idle connection that breaks is replaced by the pool; unheard, its error would end the process.
  pool.on("error", (error) => log.warn({ err: error, role }, "A database connection was lost."));
  return pool;
};

/** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
export const inTransaction = async <T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error): void => {
    broken = error;
  };
  // The pool hears only those that nobody holds; unheard, the error of a lost connection would end the process. Statements reject with it as well.
  client.on("error", lost);
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (thrown) {
    await client.query("ROLLBACK").catch(lost);
    throw thrown;
  } finally {
    client.release(broken);
    client.off("error", lost);
  }
};
