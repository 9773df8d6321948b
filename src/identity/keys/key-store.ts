/** Service identities and their API keys in the database: what people change through the management API. */

import type { PrincipalKind } from "../../envelope/call.ts";
import type { Scope } from "../../envelope/scope.ts";
import { type Also, inTransaction, type Pool, type Transaction } from "../../store/index.ts";

/** Who is responsible for a service or an agent, and so may not approve what it asks. */
export interface Owner {
  readonly issuer: string;
  readonly subject: string;
}

/** A service, agent or CI job that cannot federate. */
export interface ServiceIdentity {
  readonly name: string;
  readonly kind: Exclude<PrincipalKind, "anonymous" | "human">;
  readonly groups: readonly string[];
  readonly owner: Owner | undefined;
}

/** One API key; of the key itself only the SHA-256 is kept. Times are milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly identity: string;
  readonly scope: Scope;
  readonly createdAt: number;
  /** Infinite where it does not end by itself. */
  readonly expiresAt: number;
}

/** Everything that is needed to know whose a key is. */
export interface KnownKey extends ApiKey {
  /** SHA-256, lower-case hexadecimal. */
  readonly hash: string;
  readonly owner: ServiceIdentity;
}

interface KeyRow {
  readonly id: string;
  readonly hash: string;
  readonly identity: string;
  readonly connections: string[] | null;
  readonly models: string[] | null;
  readonly operations: string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

interface IdentityRow {
  readonly name: string;
  readonly kind: ServiceIdentity["kind"];
  readonly groups: string[];
  readonly owner_issuer: string | null;
  readonly owner_subject: string | null;
}

const keyColumns = "k.id, encode(k.hash, 'hex') AS hash, k.identity, k.connections, k.models, k.operations, k.created_at, k.expires_at";
const identityColumns = "i.name, i.kind, i.groups, i.owner_issuer, i.owner_subject";

const knownSql = `SELECT ${keyColumns}, ${identityColumns} FROM weir.api_keys k JOIN weir.service_identities i ON i.name = k.identity
  WHERE k.expires_at IS NULL OR k.expires_at > now()`;
const listKeysSql = `SELECT ${keyColumns} FROM weir.api_keys k WHERE k.identity = $1 ORDER BY k.created_at DESC, k.id`;
const getKeySql = `SELECT ${keyColumns} FROM weir.api_keys k WHERE k.id = $1`;
const listIdentitiesSql = `SELECT ${identityColumns} FROM weir.service_identities i ORDER BY i.name`;
const insertKeySql = `INSERT INTO weir.api_keys (id, hash, identity, connections, models, operations, created_at, expires_at)
  VALUES ($1, decode($2, 'hex'), $3, $4, $5, $6, $7, $8)`;
const insertIdentitySql = `INSERT INTO weir.service_identities (name, kind, groups, owner_issuer, owner_subject) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (name) DO NOTHING`;
const deleteIdentitySql = "DELETE FROM weir.service_identities WHERE name = $1";
/** Never later than it was to end before. */
const endKeySql = `UPDATE weir.api_keys SET expires_at = LEAST(coalesce(expires_at, 'infinity'), $2) WHERE id = $1`;

const keyOf = (row: KeyRow): ApiKey => ({
  id: row.id,
  identity: row.identity,
  scope: { connections: row.connections ?? undefined, models: row.models ?? undefined, operations: row.operations ?? undefined },
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
});

const identityOf = ({ name, kind, groups, owner_issuer: issuer, owner_subject: subject }: IdentityRow): ServiceIdentity => ({
  name,
  kind,
  groups,
  owner: issuer === null || subject === null ? undefined : { issuer, subject },
});

const endOf = (time: number): Date | null => (time === Number.POSITIVE_INFINITY ? null : new Date(time));

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. */
export class KeyStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Grows with every change of identities and keys. */
  async revision(): Promise<string> {
    const { rows } = await this.#pool.query<{ revision: string }>("SELECT revision::text FROM weir.changes WHERE channel = 'keys'");
    return rows[0]?.revision ?? "";
  }

  /** Every key that has not ended, with its identity. */
  async known(): Promise<readonly KnownKey[]> {
    const { rows } = await this.#pool.query<KeyRow & IdentityRow>(knownSql);
    return rows.map((row) => ({ ...keyOf(row), hash: row.hash, owner: identityOf(row) }));
  }

  /** All keys of an identity, ended ones too, the newest first. */
  async keysOf(identity: string): Promise<readonly ApiKey[]> {
    const { rows } = await this.#pool.query<KeyRow>(listKeysSql, [identity]);
    return rows.map(keyOf);
  }

  async key(id: string): Promise<ApiKey | undefined> {
    const { rows } = await this.#pool.query<KeyRow>(getKeySql, [id]);
    const [row] = rows;
    return row === undefined ? undefined : keyOf(row);
  }

  async identities(): Promise<readonly ServiceIdentity[]> {
    const { rows } = await this.#pool.query<IdentityRow>(listIdentitiesSql);
    return rows.map(identityOf);
  }

  /** False when there is one by that name. */
  addIdentity({ name, kind, groups, owner }: ServiceIdentity, also: Also): Promise<boolean> {
    const values = [name, kind, groups, owner?.issuer ?? null, owner?.subject ?? null];
    return inTransaction(this.#pool, async (transaction) => {
      const { rowCount } = await transaction.query(insertIdentitySql, values);
      if (rowCount === 1) await also(transaction);
      return rowCount === 1;
    });
  }

  /** Removes an identity with all its keys, which `also` is told; false when there was none. */
  removeIdentity(name: string, also: Also<[readonly ApiKey[]]>): Promise<boolean> {
    return inTransaction(this.#pool, async (transaction) => {
      const { rows } = await transaction.query<KeyRow>(listKeysSql, [name]);
      const { rowCount } = await transaction.query(deleteIdentitySql, [name]);
      if (rowCount === 1) await also(transaction, rows.map(keyOf));
      return rowCount === 1;
    });
  }

  /** Rejects when the identity is not there. */
  addKey(hash: string, key: ApiKey, also: Also<[ApiKey]>): Promise<void> {
    const { connections, models, operations } = key.scope;
    const scopes = [connections ?? null, models ?? null, operations ?? null];
    const values = [key.id, hash, key.identity, ...scopes, new Date(key.createdAt), endOf(key.expiresAt)];
    return inTransaction(this.#pool, async (transaction) => {
      await transaction.query(insertKeySql, values);
      await also(transaction, key);
    });
  }

  /** Lets a key end at a moment, never later than before. */
  async endKey(transaction: Transaction, id: string, at: number): Promise<void> {
    await transaction.query(endKeySql, [id, new Date(at)]);
  }
}
