/** What is revoked, known in every replica within a second, and the calls that run until then. */

import type { Principal } from "../../envelope/call.ts";
import { type Also, type ChangeFeed, inTransaction, type Pool, type Subscription, type Transaction } from "../../store/index.ts";
import { objectOf, type Revocable, revocationKey } from "./revocable.ts";

/** Who takes away or gives back. */
export interface Actor {
  readonly issuer: string;
  readonly subject: string;
}

/** A revocation as it is written. */
export interface Taking {
  readonly by: Actor;
  readonly reason: string;
  /** A token's own end. */
  readonly until?: Date;
}

export interface RevocationsOptions {
  /** Of the role `weir_access`. */
  readonly pool: Pool;
  readonly feed: ChangeFeed;
}

interface ChangeRow {
  readonly revision: string;
  readonly kind: string;
  readonly object: string[];
  readonly lifted: boolean;
  readonly until: Date | null;
}

/** A call that runs: whose it is and where it goes, which says what it needs, and how it is cut. */
interface Running {
  readonly principal: Principal;
  readonly connection: string;
  readonly cut: () => void;
}

/** Rows of one look: more are looked for at once. */
const pageRows = 10_000;
const changesSql = `SELECT revision::text, kind, object, lifted_at IS NOT NULL AS lifted, until FROM weir.revocations
  WHERE revision > $1 AND (until IS NULL OR until > now()) ORDER BY revision LIMIT ${pageRows}`;

const liftSql = "SELECT weir.lift_revocation($1, $2) AS lifted";

/** Whose access is in question. */
export type Holder = Pick<Principal, "issuer" | "subject" | "grant">;

/** Everything whose revocation ends a call of this principal through this connection. */
const keysOf = ({ issuer, subject, grant }: Holder, connection: string | undefined): readonly string[] => {
  const keys = [revocationKey("identity", [issuer, subject]), revocationKey("issuer", [issuer])];
  if (grant !== undefined) for (const id of [grant.id, ...grant.lineage]) keys.push(revocationKey("token", [id]));
  if (connection !== undefined) keys.push(revocationKey("connection", [connection]));
  return keys;
};

/**
 * INVARIANT: once a revocation has been seen it holds until it is seen to be lifted, whether the database is there or not.
 */
export class Revocations {
  readonly #pool: Pool;
  readonly #changes: Subscription;
  /** Keys in force, with the moment (milliseconds since the epoch) from which nobody need know of them. */
  readonly #revoked = new Map<string, number>();
  readonly #running = new Set<Running>();
  #revision = "0";

  private constructor({ pool, feed }: RevocationsOptions) {
    this.#pool = pool;
    this.#changes = feed.subscribe("revocations", () => this.#catchUp());
  }

  /** Starts following; rejects when what is revoked cannot be read even once. */
  static async start(options: RevocationsOptions): Promise<Revocations> {
    const revocations = new Revocations(options);
    try {
      await revocations.#catchUp();
    } catch (thrown) {
      await revocations.stop();
      throw thrown;
    }
    return revocations;
  }

  /** Whether something that a call needs has been taken away. */
  isRevoked(principal: Holder, connection?: string): boolean {
    if (this.#revoked.size === 0) return false;
    return keysOf(principal, connection).some((key) => this.#revoked.has(key));
  }

  /** Whether this itself has been taken away. */
  has(revocable: Revocable): boolean {
    return this.#revoked.has(revocationKey(revocable.kind, objectOf(revocable)));
  }

  /** Calls `cut` at most once, when something that a running call needs is taken away; returns how to stop watching. */
  watch(principal: Principal, connection: string, cut: () => void): () => void {
    const running: Running = { principal, connection, cut };
    this.#running.add(running);
    return () => this.#running.delete(running);
  }

  /** Takes away; resolves once this replica obeys. What is already taken away stays so. */
  async revoke(revocable: Revocable, taking: Taking, also: Also): Promise<void> {
    await inTransaction(this.#pool, async (transaction) => {
      await this.write(transaction, revocable, taking);
      await also(transaction);
    });
    await this.refresh();
  }

  /** Takes away with another change; replicas obey soon after the commit, this one once it looked for it. */
  async write(transaction: Transaction, revocable: Revocable, { by, reason, until }: Taking): Promise<void> {
    const values = [revocable.kind, objectOf(revocable), reason, by.issuer, by.subject, until ?? null];
    await transaction.query("SELECT weir.revoke($1, $2, $3, $4, $5, $6)", values);
  }

  /** Gives back; false, and nothing else is written, when it was not taken away. */
  async lift(revocable: Revocable, also: Also): Promise<boolean> {
    const lifted = await inTransaction(this.#pool, async (transaction) => {
      const { rows } = await transaction.query<{ lifted: boolean }>(liftSql, [revocable.kind, objectOf(revocable)]);
      const was = rows[0]?.lifted === true;
      if (was) await also(transaction);
      return was;
    });
    await this.refresh();
    return lifted;
  }

  /** Looks for changes now. */
  refresh(): Promise<void> {
    return this.#changes.look();
  }

  async stop(): Promise<void> {
    await this.#changes.close();
  }

  async #catchUp(): Promise<void> {
    for (let full = true; full; ) {
      const { rows } = await this.#pool.query<ChangeRow>(changesSql, [this.#revision]);
      for (const row of rows) this.#take(row);
      this.#cut(rows);
      full = rows.length === pageRows;
    }
    this.#forget(Date.now());
  }

  #take({ revision, kind, object, lifted, until }: ChangeRow): void {
    const key = revocationKey(kind, object);
    if (lifted) this.#revoked.delete(key);
    else this.#revoked.set(key, until?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#revision = revision;
  }

  #cut(changes: readonly ChangeRow[]): void {
    if (changes.length === 0) return;
    for (const running of this.#running) {
      if (!this.isRevoked(running.principal, running.connection)) continue;
      this.#running.delete(running);
      running.cut();
    }
  }

  #forget(now: number): void {
    for (const [key, until] of this.#revoked) if (until <= now) this.#revoked.delete(key);
  }
}
