/** What people and clients changed about who may come in: added to the database, never changed there. */

import type { Principal } from "../envelope/call.ts";
import type { Transaction } from "../store/index.ts";

/** Who changed something. */
export type AuditActor = Pick<Principal, "issuer" | "subject" | "name">;

export interface AuditEvent {
  readonly by: AuditActor;
  /** `token.issue`, `identity.disable` … */
  readonly action: string;
  /** What was changed: a token's id, a name. */
  readonly object: string;
  /** INVARIANT: holds no secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

const insertSql = "INSERT INTO weir.audit_events (issuer, subject, name, action, object, details) VALUES ($1, $2, $3, $4, $5, $6)";

/**
 * Writes an event in the transaction of the change that it tells of; one that tells of no change, of a reading, with the pool itself. Of the role
 * `weir_access`.
 */
export const recordAuditEvent = async (transaction: Transaction, { by, action, object, details }: AuditEvent): Promise<void> => {
  await transaction.query(insertSql, [by.issuer, by.subject, by.name, action, object, JSON.stringify(details)]);
};
