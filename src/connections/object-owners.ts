/** The owners of objects that upstreams keep for callers, in the database. */

import type { Ownership } from "../enforcement/ports.ts";
import type { Principal } from "../envelope/call.ts";
import type { StoredObject } from "../envelope/exchange.ts";
import type { Pool } from "../store/index.ts";

/** The first owner stays. */
const claimSql = `INSERT INTO weir.stored_objects (connection, kind, id, issuer, subject)
  SELECT $1, kind, id, $4, $5 FROM unnest($2::text[], $3::text[]) AS claimed (kind, id) ON CONFLICT DO NOTHING`;
const ownedSql = `SELECT kind, id FROM weir.stored_objects
  WHERE connection = $1 AND (kind, id) IN (SELECT * FROM unnest($2::text[], $3::text[])) AND issuer = $4 AND subject = $5`;

const homesSql = `SELECT connection FROM weir.stored_objects
  WHERE (kind, id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND issuer = $3 AND subject = $4
  GROUP BY connection HAVING count(*) = (SELECT count(DISTINCT (kind, id)) FROM unnest($1::text[], $2::text[]) AS asked (kind, id))`;

const parameters = ({ issuer, subject }: Principal, connection: string, objects: readonly StoredObject[]): unknown[] => [
  connection,
  objects.map(({ kind }) => kind),
  objects.map(({ id }) => id),
  issuer,
  subject,
];

export class ObjectOwners implements Ownership {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async claim(owner: Principal, connection: string, objects: readonly StoredObject[]): Promise<void> {
    await this.#pool.query(claimSql, parameters(owner, connection, objects));
  }

  async homes(owner: Principal, objects: readonly StoredObject[]): Promise<readonly string[]> {
    const [, ...asked] = parameters(owner, "", objects);
    const { rows } = await this.#pool.query<{ connection: string }>(homesSql, asked);
    return rows.map(({ connection }) => connection);
  }

  async owned(owner: Principal, connection: string, objects: readonly StoredObject[]): Promise<readonly StoredObject[]> {
    const { rows } = await this.#pool.query<StoredObject>(ownedSql, parameters(owner, connection, objects));
    return rows;
  }
}
