/** Approvals in the database. Every change of state is one statement that names the state it starts from, so that no two replicas both make it. */

import type { ApprovalWish, AskingRule } from "../enforcement/ports.ts";
import type { PrincipalKind } from "../envelope/call.ts";
import { type Also, inTransaction, type Pool, type Transaction } from "../store/index.ts";
import {
  type Account,
  type Approval,
  type ApprovalRuleFacts,
  type ApprovalState,
  accountsOf,
  type EmailOf,
  isSatisfied,
  type Reviewer,
  type Vote,
  whyNot,
} from "./approval.ts";
import type { Standing } from "./first-word.ts";

interface ApprovalRow {
  readonly id: string;
  readonly state: ApprovalState;
  readonly session_id: string;
  readonly kind: PrincipalKind;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly owner_issuer: string | null;
  readonly owner_subject: string | null;
  readonly connection: string;
  readonly connection_revision: string;
  readonly policy_revision: string;
  readonly model: string | null;
  readonly operation: string;
  readonly rules: ApprovalRuleFacts[];
  readonly unseen: string[];
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly left_at: Date | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
}

const columns = `id, state, session_id, kind, issuer, subject, name, email, owner_issuer, owner_subject, connection, connection_revision, policy_revision, model,
  operation, rules, unseen, created_at, expires_at, left_at, decided_at, reason`;

/** An entry in force is shared; that somebody waits again is noted. A caller who has too many that wait gets no other: whoever asks and leaves leaves entries behind. */
const openSql = `INSERT INTO weir.approvals (id, binding, session_id, kind, issuer, subject, name, email, owner_issuer, owner_subject, connection,
    connection_revision, policy_revision, model, operation, rules, unseen, texts, expires_at, deferred)
  SELECT $1, $2::bytea, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $17::text[], $18::bytea, $19::timestamptz, $21::boolean
  WHERE EXISTS (SELECT FROM weir.approvals WHERE binding = $2::bytea AND state IN ('pending', 'approved'))
    OR $20 > (SELECT count(*) FROM weir.approvals WHERE issuer = $5 AND subject = $6 AND state = 'pending' AND expires_at > now())
  ON CONFLICT (binding) WHERE state IN ('pending', 'approved') DO UPDATE SET left_at = NULL, deferred = approvals.deferred OR EXCLUDED.deferred
  RETURNING ${columns}`;
const useSql = "UPDATE weir.approvals SET state = 'used' WHERE id = $1 AND state = 'approved' AND expires_at > now()";
const statesSql = "SELECT id, state, reason FROM weir.approvals WHERE id = ANY($1)";
const leftSql = "UPDATE weir.approvals SET left_at = now() WHERE id = $1 AND NOT deferred AND state IN ('pending', 'approved')";
const awaitedSql =
  "UPDATE weir.approvals SET left_at = NULL WHERE id = ANY($1) AND left_at IS NOT NULL AND state IN ('pending', 'approved')";
const deniedSql = "SELECT id, state, reason FROM weir.approvals WHERE binding = $1 AND state = 'denied' AND expires_at > now() LIMIT 1";
const missedSql =
  "UPDATE weir.approvals SET deferred = false WHERE binding = $1 AND state = 'expired' AND deferred RETURNING id, state, reason";
const lockSql = `SELECT ${columns} FROM weir.approvals WHERE id = $1 FOR UPDATE`;
const getSql = `SELECT ${columns} FROM weir.approvals WHERE id = $1`;
const textsSql = "SELECT texts FROM weir.approvals WHERE id = $1";
/** Whoever was seen in other groups after they gave their word speaks only for those that they are still in. */
const votesSql = `SELECT v.issuer, v.subject, v.name, v.verdict, v.reason, v.at, lower(coalesce(v.email, i.email)) AS email,
    ARRAY(SELECT g FROM unnest(v.groups) g WHERE i.last_seen IS NULL OR i.last_seen <= v.at OR g = ANY (i.groups)) AS groups
  FROM weir.approval_votes v LEFT JOIN weir.identities i ON i.issuer = v.issuer AND i.subject = v.subject
  WHERE v.approval = $1 ORDER BY v.at, v.issuer, v.subject`;
const emailsSql = `SELECT i.issuer, i.subject, lower(i.email) AS email FROM weir.identities i
  JOIN unnest($1::text[], $2::text[]) AS t (issuer, subject) ON i.issuer = t.issuer AND i.subject = t.subject WHERE i.email IS NOT NULL`;
const voteSql = `INSERT INTO weir.approval_votes (approval, issuer, subject, name, email, groups, verdict, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (approval, issuer, subject) DO NOTHING`;
const lapseSql = "UPDATE weir.approvals SET state = 'expired', deferred = false WHERE id = $1 AND state = 'approved'";
const decideSql = "UPDATE weir.approvals SET state = $2, decided_at = now(), reason = $3 WHERE id = $1";
const scopeSql = `INSERT INTO weir.approval_scopes (id, approval, issuer, subject, connection, model, operation, policies, policy_revision,
    connection_revision, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
const coveredSql = `SELECT approval, policies FROM weir.approval_scopes WHERE issuer = $1 AND subject = $2 AND connection = $3 AND model IS NOT DISTINCT FROM $4
  AND operation = $5 AND policy_revision = $6 AND connection_revision = $7 AND until > now()`;
const listSql = `SELECT ${columns} FROM weir.approvals WHERE ($1::text IS NULL OR state = $1) AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
  ORDER BY created_at DESC, id DESC LIMIT $4`;
const expireSql = "UPDATE weir.approvals SET state = 'expired' WHERE state IN ('pending', 'approved') AND expires_at <= now()";
const withdrawSql = "UPDATE weir.approvals SET state = 'withdrawn' WHERE state = 'pending' AND left_at < $1";

const approvalOf = (row: ApprovalRow): Approval => ({
  id: row.id,
  state: row.state,
  session: row.session_id,
  principal: {
    kind: row.kind,
    issuer: row.issuer,
    subject: row.subject,
    name: row.name,
    email: row.email ?? undefined,
    ...(row.owner_issuer === null || row.owner_subject === null ? {} : { owner: { issuer: row.owner_issuer, subject: row.owner_subject } }),
  },
  connection: row.connection,
  connectionRevision: row.connection_revision,
  policyRevision: row.policy_revision,
  model: row.model ?? undefined,
  operation: row.operation,
  rules: row.rules,
  unseen: row.unseen,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  leftAt: row.left_at ?? undefined,
  decidedAt: row.decided_at ?? undefined,
  reason: row.reason ?? undefined,
});

const factsOf = ({ policy, reasons, reviewers }: AskingRule): ApprovalRuleFacts => ({ policy, reasons, ...reviewers });

/** An entry to be opened, or shared. */
export interface Opening {
  readonly id: string;
  readonly binding: Buffer;
  readonly texts: Buffer;
  readonly wish: ApprovalWish;
  readonly expiresAt: Date;
  /** Entries of its caller that may wait at once. */
  readonly most: number;
}

/** A yes for a time instead of for one request. */
export interface ScopeWish {
  readonly id: string;
  readonly until: Date;
}

export interface Verdict {
  readonly verdict: Vote["verdict"];
  readonly reason: string;
  readonly scope: ScopeWish | undefined;
}

/** A verdict that is to be written. */
export interface Decision extends Verdict {
  /** Told how the approval stands then. */
  readonly also: Also<[Approval]>;
}

/** How it stands with an entry. */
export interface EntryStanding extends Standing {
  readonly id: string;
}

/** A yes for a time that is in force. */
export interface Coverage {
  readonly approval: string;
  readonly policies: readonly string[];
}

/** A decision that cannot be taken; the message may be shown to whoever tried. */
export class DecisionRefused extends Error {
  override readonly name = "DecisionRefused";
}

export interface PagePoint {
  readonly createdAt: Date;
  readonly id: string;
}

/** `pool` is of the role `weir_access`. Every method rejects when the database is away. */
export class ApprovalStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The entry of an equal request that is in force, or a new one; undefined where its caller has as many that wait as may. */
  async open({ id, binding, texts, wish, expiresAt, most }: Opening): Promise<Approval | undefined> {
    const { call, principal, connection, model, policyRevision, rules, unseen } = wish;
    const who = [principal.kind, principal.issuer, principal.subject, principal.name, principal.email ?? null];
    const owner = [principal.owner?.issuer ?? null, principal.owner?.subject ?? null];
    const where = [connection.name, connection.revision, policyRevision, model ?? null, call.operation.name];
    const values = [
      id,
      binding,
      call.id,
      ...who,
      ...owner,
      ...where,
      JSON.stringify(rules.map(factsOf)),
      unseen,
      texts,
      expiresAt,
      most,
      call.prefersNotToWait,
    ];
    const { rows } = await this.#pool.query<ApprovalRow>(openSql, values);
    const [row] = rows;
    return row === undefined ? undefined : approvalOf(row);
  }

  /** Uses an approval up: true for one caller only, whatever the number of replicas and of tries. */
  async use(id: string): Promise<boolean> {
    return this.#changed(useSql, [id]);
  }

  /** Ends an approved entry that may not be used after all. */
  async lapse(id: string): Promise<void> {
    await this.#pool.query(lapseSql, [id]);
  }

  /** How things stand with these. */
  async states(ids: readonly string[]): Promise<readonly EntryStanding[]> {
    const { rows } = await this.#pool.query<EntryStanding>(statesSql, [ids]);
    return rows;
  }

  /**
   * What became of an equal request, as far as whoever sends it again must know: a no holds for as long as a yes would have, and that nobody decided in time is
   * told once to a caller who did not wait.
   */
  async outcome(binding: Buffer): Promise<EntryStanding | undefined> {
    const denied = await this.#pool.query<EntryStanding>(deniedSql, [binding]);
    if (denied.rows[0] !== undefined) return denied.rows[0];
    const { rows } = await this.#pool.query<EntryStanding>(missedSql, [binding]);
    return rows[0];
  }

  /** Somebody waits for these. */
  async awaited(ids: readonly string[]): Promise<void> {
    await this.#pool.query(awaitedSql, [ids]);
  }

  /** Nobody waits for it any more; one whose caller means to come back is not concerned. */
  async left(id: string): Promise<void> {
    await this.#pool.query(leftSql, [id]);
  }

  /** Every yes for a time that covers calls like this one: the approval it was given with, and its policies. */
  async covered({ call, principal, connection, model, policyRevision }: ApprovalWish): Promise<readonly Coverage[]> {
    const values = [
      principal.issuer,
      principal.subject,
      connection.name,
      model ?? null,
      call.operation.name,
      policyRevision,
      connection.revision,
    ];
    const { rows } = await this.#pool.query<Coverage>(coveredSql, values);
    return rows;
  }

  async get(id: string): Promise<Approval | undefined> {
    const { rows } = await this.#pool.query<ApprovalRow>(getSql, [id]);
    const [row] = rows;
    return row === undefined ? undefined : approvalOf(row);
  }

  /** The sealed texts of an approval that is there. */
  async texts(id: string): Promise<Buffer | undefined> {
    const { rows } = await this.#pool.query<{ texts: Buffer }>(textsSql, [id]);
    return rows[0]?.texts;
  }

  async votes(id: string): Promise<readonly Vote[]> {
    const { rows } = await this.#pool.query<Vote>(votesSql, [id]);
    return rows;
  }

  /** The newest first, behind a point. */
  async list(state: ApprovalState | undefined, after: PagePoint | undefined, limit: number): Promise<readonly Approval[]> {
    const { rows } = await this.#pool.query<ApprovalRow>(listSql, [state ?? null, after?.createdAt ?? null, after?.id ?? "", limit]);
    return rows.map(approvalOf);
  }

  /** Takes a reviewer's word; resolves with how the approval stands then. Rejects with {@link DecisionRefused}. */
  decide(id: string, reviewer: Reviewer, { also, ...verdict }: Decision): Promise<Approval> {
    return inTransaction(this.#pool, async (transaction) => {
      const approval = await lockPending(transaction, id);
      const refused = whyNot(approval, reviewer, await emailsOf(transaction, approval, reviewer));
      if (refused !== undefined) throw new DecisionRefused(refused);
      await vote(transaction, id, reviewer, verdict);
      const decided = await standingAfter(transaction, approval, verdict);
      await also(transaction, decided);
      return decided;
    });
  }

  /** Why somebody may neither read an approval's texts nor decide on it; undefined when they may. */
  async whyNot(approval: Approval, reviewer: Reviewer): Promise<string | undefined> {
    return whyNot(approval, reviewer, await emailsOf(this.#pool, approval, reviewer));
  }

  /** Ends what is over: entries whose time has passed, and those that nobody has waited for since a moment. Resolves with whether any was. */
  async sweep(leftBefore: Date): Promise<boolean> {
    const expired = await this.#changed(expireSql, []);
    const withdrawn = await this.#changed(withdrawSql, [leftBefore]);
    if (expired || withdrawn) await this.#pool.query("SELECT weir.announce('approvals')");
    return expired || withdrawn;
  }

  async #changed(sql: string, values: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await this.#pool.query(sql, [...values]);
    return (rowCount ?? 0) > 0;
  }
}

const lockPending = async (transaction: Transaction, id: string): Promise<Approval> => {
  const { rows } = await transaction.query<ApprovalRow>(lockSql, [id]);
  const [row] = rows;
  if (row === undefined) throw new DecisionRefused("There is no approval by that id.");
  if (row.state !== "pending") throw new DecisionRefused(`It is ${row.state} already.`);
  if (row.expires_at.getTime() <= Date.now()) throw new DecisionRefused("It has expired.");
  return approvalOf(row);
};

const emailsOf = async (transaction: Transaction, approval: Approval, reviewer: Reviewer): Promise<EmailOf> => {
  const accounts = accountsOf(approval, reviewer);
  const columns = [accounts.map(({ issuer }) => issuer), accounts.map(({ subject }) => subject)];
  const { rows } = await transaction.query<Account & { readonly email: string }>(emailsSql, columns);
  const nameOf = ({ issuer, subject }: Account): string => JSON.stringify([issuer, subject]);
  const emails = new Map(rows.map((row) => [nameOf(row), row.email]));
  // What they showed just now is newer than the directory, which is written in batches.
  for (const each of [approval.principal, reviewer]) if (each.email !== undefined) emails.set(nameOf(each), each.email.toLowerCase());
  return (account) => emails.get(nameOf(account));
};

const vote = async (transaction: Transaction, id: string, reviewer: Reviewer, { verdict, reason }: Verdict): Promise<void> => {
  const { issuer, subject, name, email, groups } = reviewer;
  const { rowCount } = await transaction.query(voteSql, [id, issuer, subject, name, email ?? null, groups, verdict, reason]);
  if (rowCount === 0) throw new DecisionRefused("You have given your word already.");
};

/** How an approval stands after a verdict that has been written. */
const standingAfter = async (transaction: Transaction, approval: Approval, { verdict, reason, scope }: Verdict): Promise<Approval> => {
  if (verdict === "deny") return settle(transaction, approval, "denied", reason);
  const { rows: votes } = await transaction.query<Vote>(votesSql, [approval.id]);
  if (!isSatisfied(approval.rules, votes)) return approval;
  if (scope !== undefined) await grantScope(transaction, approval, scope);
  return settle(transaction, approval, "approved", reason);
};

const settle = async (transaction: Transaction, approval: Approval, state: "approved" | "denied", reason: string): Promise<Approval> => {
  await transaction.query(decideSql, [approval.id, state, reason]);
  await transaction.query("SELECT weir.announce('approvals')");
  return { ...approval, state, reason };
};

const grantScope = async (transaction: Transaction, approval: Approval, { id, until }: ScopeWish): Promise<void> => {
  const { principal, connection, model, operation, rules, policyRevision, connectionRevision } = approval;
  const what = [connection, model ?? null, operation, rules.map(({ policy }) => policy), policyRevision, connectionRevision];
  await transaction.query(scopeSql, [id, approval.id, principal.issuer, principal.subject, ...what, until]);
};
