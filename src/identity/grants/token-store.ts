/** Weir tokens in the database. */

import type { Principal, PrincipalKind } from "../../envelope/call.ts";
import type { Scope } from "../../envelope/scope.ts";
import { type Also, inTransaction, type Pool } from "../../store/index.ts";

/** How a token was come by. */
export type Via = "exchange" | "client_credentials";

/** A token as kept. Times are milliseconds since the epoch. */
export interface StoredToken {
  readonly id: string;
  /** The ids of what it was exchanged for, the first one first. */
  readonly lineage: readonly string[];
  readonly via: Via;
  readonly principal: Omit<Principal, "grant">;
  readonly scope: Scope;
  /** Requests that it is still good for; undefined: any number. */
  readonly usesLeft: number | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface TokenRow {
  readonly id: string;
  readonly lineage: string[];
  readonly via: Via;
  readonly kind: Exclude<PrincipalKind, "anonymous">;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: string[];
  readonly owner_issuer: string | null;
  readonly owner_subject: string | null;
  readonly connections: string[] | null;
  readonly models: string[] | null;
  readonly operations: string[] | null;
  readonly uses_left: number | null;
  readonly issued_at: Date;
  readonly expires_at: Date;
}

const columns =
  "id, lineage, via, kind, issuer, subject, name, email, groups, owner_issuer, owner_subject, connections, models, operations, uses_left, issued_at, expires_at";

const insertSql = `INSERT INTO weir.tokens (hash, ${columns})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`;
const findSql = `SELECT ${columns} FROM weir.tokens WHERE hash = $1`;
const spendSql = "UPDATE weir.tokens SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND expires_at > now()";
/** Introspection of a token that has just ended should still find it; a day later nobody asks. */
const forgetSql = "DELETE FROM weir.tokens WHERE expires_at < now() - interval '1 day'";

const tokenOf = (row: TokenRow): StoredToken => ({
  id: row.id,
  lineage: row.lineage,
  via: row.via,
  principal: {
    kind: row.kind,
    issuer: row.issuer,
    subject: row.subject,
    name: row.name,
    email: row.email ?? undefined,
    groups: row.groups,
    ...(row.owner_issuer === null || row.owner_subject === null ? {} : { owner: { issuer: row.owner_issuer, subject: row.owner_subject } }),
  },
  scope: { connections: row.connections ?? undefined, models: row.models ?? undefined, operations: row.operations ?? undefined },
  usesLeft: row.uses_left ?? undefined,
  issuedAt: row.issued_at.getTime(),
  expiresAt: row.expires_at.getTime(),
});

const valuesOf = ({ id, lineage, via, principal, scope, usesLeft, issuedAt, expiresAt }: StoredToken): unknown[] => {
  const { kind, issuer, subject, name, email, groups, owner } = principal;
  const who = [kind, issuer, subject, name, email, groups, owner?.issuer, owner?.subject];
  const { connections, models, operations } = scope;
  const times = [issuedAt, expiresAt].map((time) => new Date(time));
  return [id, lineage, via, ...who, connections, models, operations, usesLeft, ...times].map((value) => value ?? null);
};

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. */
export class TokenStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  insert(hash: Buffer, token: StoredToken, also: Also<[StoredToken]>): Promise<void> {
    return inTransaction(this.#pool, async (transaction) => {
      await transaction.query(insertSql, [hash, ...valuesOf(token)]);
      await also(transaction, token);
    });
  }

  /** The token with this SHA-256, ended or not; undefined when there is none. */
  async find(hash: Buffer): Promise<StoredToken | undefined> {
    const { rows } = await this.#pool.query<TokenRow>(findSql, [hash]);
    const [row] = rows;
    return row === undefined ? undefined : tokenOf(row);
  }

  /** Takes one request off a counted token, in all replicas at once; false when none is left. */
  async spend(id: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(spendSql, [id]);
    return rowCount === 1;
  }

  /** Forgets tokens that ended a day ago. */
  async forget(): Promise<void> {
    await this.#pool.query(forgetSql);
  }
}
