/** Declared objects in the database. */

import { type Also, inTransaction, type Pool, type Transaction } from "../store/index.ts";
import { type ObjectKind, originOf, type PlainMap, type StoredObject, type Wish } from "./object.ts";
import type { Change, OpenObject } from "./plan.ts";
import { DeclarationRefused } from "./refusal.ts";
import { type CredentialSealer, CredentialUnreadable } from "./sealer.ts";

/** Who declares. */
export interface Author {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
}

/** All objects at one moment. */
export interface Snapshot {
  /** Another one after every change of any object. */
  readonly revision: string;
  /** By kind and name, the same in every replica. */
  readonly objects: readonly StoredObject[];
}

export interface WriteOptions {
  /** The snapshot's that the changes were made from. */
  readonly revision: string;
  /** Writes more with them. */
  readonly also: Also;
}

interface Row {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly document: PlainMap;
  readonly revision: string;
  readonly credential_header: string | null;
  readonly credential: Buffer | null;
  readonly credential_key: string | null;
  readonly updated_at: Date;
  readonly by_name: string;
}

const revisionSql = "SELECT revision::text FROM weir.changes WHERE channel = 'declared'";
const allSql = `SELECT kind, name, document, revision::text, credential_header, credential, credential_key, updated_at, by_name
  FROM weir.declared_objects ORDER BY kind, name COLLATE "C"`;
const lockSql = "SELECT pg_advisory_xact_lock(hashtextextended('weir.declared_objects', 0))";
const insertSql = `INSERT INTO weir.declared_objects
  (kind, name, document, credential_header, credential, credential_key, by_issuer, by_subject, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const updateSql = `UPDATE weir.declared_objects
  SET document = $3, credential_header = $4, credential = $5, credential_key = $6, by_issuer = $7, by_subject = $8, by_name = $9
  WHERE kind = $1 AND name = $2`;
const deleteSql = "DELETE FROM weir.declared_objects WHERE kind = $1 AND name = $2";

const objectOf = (row: Row): StoredObject => {
  const { credential_header: header, credential: sealed, credential_key: key } = row;
  return {
    kind: row.kind,
    name: row.name,
    document: row.document,
    revision: row.revision,
    credential: header === null || sealed === null || key === null ? undefined : { header, sealed, key },
    updatedAt: row.updated_at,
    updatedBy: row.by_name,
  };
};

/** Nothing was ever declared: there is no counter yet. */
const revisionIn = ([row]: readonly { readonly revision: string }[]): string => row?.revision ?? "0";

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. */
export class DeclaredStore {
  readonly #pool: Pool;
  readonly #sealer: CredentialSealer;

  constructor(pool: Pool, sealer: CredentialSealer) {
    this.#pool = pool;
    this.#sealer = sealer;
  }

  /** Grows with every change of any object. */
  async revision(): Promise<string> {
    const { rows } = await this.#pool.query<{ revision: string }>(revisionSql);
    return revisionIn(rows);
  }

  /** Everything. The revision is read first: what changes in between is found by it again. */
  async read(): Promise<Snapshot> {
    const revision = await this.revision();
    const { rows } = await this.#pool.query<Row>(allSql);
    return { revision, objects: rows.map(objectOf) };
  }

  /** Opens the credentials. Throws {@link DeclarationRefused} for the first that cannot be. */
  open(objects: readonly StoredObject[]): readonly OpenObject[] {
    return objects.map((object) => {
      const { name, document, credential } = object;
      try {
        return { ...object, credential: credential && this.#sealer.open(credential, { name, origin: originOf(document) }) };
      } catch (thrown) {
        if (!(thrown instanceof CredentialUnreadable)) throw thrown;
        throw new DeclarationRefused("unusable", `database: connection ${JSON.stringify(name)}: ${thrown.message}`);
      }
    });
  }

  /**
   * Writes changes, all of them or none, and what `also` writes with them. False, and nothing is written, when anything has changed since `revision`:
   * then whatever was made sure of is so no more.
   */
  write(changes: readonly Change[], by: Author, { revision, also }: WriteOptions): Promise<boolean> {
    return inTransaction(this.#pool, async (transaction) => {
      await transaction.query(lockSql);
      const { rows } = await transaction.query<{ revision: string }>(revisionSql);
      if (revisionIn(rows) !== revision) return false;
      for (const change of changes) await this.#writeOne(transaction, change, by);
      await also(transaction);
      return true;
    });
  }

  async #writeOne(transaction: Transaction, change: Change, { issuer, subject, name: author }: Author): Promise<void> {
    switch (change.action) {
      case "unchanged":
        return;
      case "delete":
        await transaction.query(deleteSql, [change.before.kind, change.before.name]);
        return;
      case "create":
      case "update": {
        const { kind, name, document } = change.after;
        const values = [kind, name, JSON.stringify(document), ...this.#seal(change.after), issuer, subject, author];
        await transaction.query(change.action === "create" ? insertSql : updateSql, values);
      }
    }
  }

  /** Header, sealed credential and key's name, for the columns of those. */
  #seal({ name, document, credential }: Wish): readonly [string, Buffer, string] | readonly [null, null, null] {
    if (credential === undefined) return [null, null, null];
    const { header, sealed, key } = this.#sealer.seal(credential, { name, origin: originOf(document) });
    return [header, sealed, key];
  }
}
