/** Notifications on their way, in the database. */

import type { Pool } from "../store/index.ts";
import type { NotificationEvent } from "./settings.ts";

/** One message for one target. */
export interface Message {
  readonly id: string;
  readonly target: string;
  readonly payload: {
    readonly type: string;
    readonly timestamp: string;
    readonly sentence: string;
    readonly data: object;
    readonly link?: string;
  };
  readonly tries: number;
}

/** So long a taken message is hidden from other replicas, seconds: longer than posting it may take. */
const hiddenSeconds = 60;

const insertSql = `INSERT INTO weir.outbox (id, target, type, payload) SELECT $1, target, $3, $4 FROM unnest($2::text[]) AS target`;
const takeSql = `UPDATE weir.outbox o SET next_try = now() + interval '${hiddenSeconds} seconds', tries = o.tries + 1
  FROM (SELECT id, target FROM weir.outbox WHERE next_try <= now() ORDER BY next_try LIMIT $1 FOR UPDATE SKIP LOCKED) due
  WHERE o.id = due.id AND o.target = due.target RETURNING o.id, o.target, o.payload, o.tries`;
const doneSql = "DELETE FROM weir.outbox WHERE id = $1 AND target = $2";
const laterSql = "UPDATE weir.outbox SET next_try = now() + make_interval(secs => $3) WHERE id = $1 AND target = $2";

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. */
export class Outbox {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async put(id: string, targets: readonly string[], { type, sentence, data, link }: NotificationEvent): Promise<void> {
    const payload = { type, timestamp: new Date().toISOString(), sentence, data, link };
    await this.#pool.query(insertSql, [id, targets, type, JSON.stringify(payload)]);
  }

  /** Messages that are due, taken: nobody else gets them for a while. */
  async take(most: number): Promise<readonly Message[]> {
    const { rows } = await this.#pool.query<Message>(takeSql, [most]);
    return rows;
  }

  /** The message has arrived, or is given up. */
  async done({ id, target }: Message): Promise<void> {
    await this.#pool.query(doneSql, [id, target]);
  }

  async later({ id, target }: Message, seconds: number): Promise<void> {
    await this.#pool.query(laterSql, [id, target, seconds]);
  }
}
