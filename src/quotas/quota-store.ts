/** Counts that all replicas share. */

import type { Pool } from "../store/index.ts";

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. Windows are milliseconds since the epoch. */
export class QuotaStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Takes as much of `want` as the limit leaves. */
  async lease(key: string, window: number, want: number, limit: number): Promise<number> {
    const { rows } = await this.#pool.query<{ granted: string }>("SELECT weir.lease_quota($1, $2, $3, $4)::text AS granted", [
      key,
      new Date(window),
      want,
      limit,
    ]);
    return Number(rows[0]?.granted ?? 0);
  }

  async giveBack(key: string, window: number, amount: number): Promise<void> {
    await this.#pool.query("SELECT weir.return_quota($1, $2, $3)", [key, new Date(window), amount]);
  }

  async forget(before: number): Promise<void> {
    await this.#pool.query("SELECT weir.forget_quotas($1)", [new Date(before)]);
  }
}
