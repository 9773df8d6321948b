/** The job that forgets sessions whose time is over. */

import { inTransaction, type Pool, type StoreLog } from "../store/index.ts";

/** Partitions are days: looking once an hour forgets them within an hour of their time, milliseconds. */
const everyMs = 60 * 60 * 1000;

/** One replica at a time: "retn" in ASCII. */
const advisoryLock = 0x7265746e;

/** Forgets once: resolves with the days of which nothing is left, none when another replica is at it. `pool` is of the role `owner`. */
export const forgetExpired = (pool: Pool): Promise<readonly string[]> =>
  inTransaction(pool, async (client) => {
    const lock = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS mine", [advisoryLock]);
    if (lock.rows[0]?.mine !== true) return [];
    const { rows } = await client.query<{ day: string }>("SELECT to_char(day, 'YYYY-MM-DD') AS day FROM weir.retain() AS day");
    return rows.map(({ day }) => day);
  });

/** Forgets now and every hour until stopped. What fails is told to the log and tried again. */
export const startRetention = (pool: Pool, log: StoreLog): { stop(): void } => {
  const run = async (): Promise<void> => {
    try {
      const days = await forgetExpired(pool);
      if (days.length > 0) log.info({ count: days.length }, "Days of the record whose time is over have been dropped.");
    } catch (thrown) {
      log.warn({ err: thrown }, "The record could not be cleared of what is over.");
    }
  };
  void run();
  const timer = setInterval(() => void run(), everyMs).unref();
  return { stop: () => clearInterval(timer) };
};
