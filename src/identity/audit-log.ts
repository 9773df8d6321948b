/** Reads what people and clients changed, as it was written down. */

import type { Pool } from "../store/index.ts";
import type { AuditEvent } from "./audit-events.ts";

/** An event as it stands in the database. */
export interface WrittenEvent extends AuditEvent {
  /** Grows with every event: decimal digits. */
  readonly id: string;
  readonly at: Date;
}

/** What to list; an absent field fits every event. */
export interface AuditFilter {
  readonly by?: string | undefined;
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Which of them. */
export interface AuditPage {
  /** Only events that were written before this one. */
  readonly before: string | undefined;
  readonly limit: number;
}

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly action: string;
  readonly object: string;
  readonly details: AuditEvent["details"];
}

const listSql = `SELECT id::text, at, issuer, subject, name, action, object, details FROM weir.audit_events
  WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR object = $4)
    AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
  ORDER BY id DESC LIMIT $7`;

/** The newest first. `pool` is of the role `weir_access`. */
export const listAuditEvents = async (
  pool: Pick<Pool, "query">,
  { by, action, object, since, until }: AuditFilter,
  { before, limit }: AuditPage,
): Promise<readonly WrittenEvent[]> => {
  const { rows } = await pool.query<Row>(listSql, [before, by, action, object, since, until, limit]);
  return rows.map(({ issuer, subject, name, ...event }) => ({ ...event, by: { issuer, subject, name } }));
};
