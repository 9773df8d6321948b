/** Approvals in the database. Every change of state is one statement that names the state it starts from, so that no two replicas both make it. */

import type pg from "pg";
import type { ApprovalWish, AskingRule } from "../enforcement/ports.ts";
import type { PrincipalKind } from "../envelope/call.ts";
import { inTransaction, type Pool } from "../store/index.ts";
import { type Approval, type ApprovalRuleFacts, type ApprovalState, isSatisfied, type Reviewer, type Vote, whyNot } from "./approval.ts";

interface ApprovalRow {
  readonly id: string;
  readonly state: ApprovalState;
  readonly session_id: string;
  readonly kind: PrincipalKind;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
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

const columns = `id, state, session_id, kind, issuer, subject, name, owner_issuer, owner_subject, connection, connection_revision, policy_revision, model,
  operation, rules, unseen, created_at, expires_at, left_at, decided_at, reason`;

/** An entry in force is shared; that somebody waits again is noted. */
const openSql = `INSERT INTO weir.approvals (id, binding, session_id, kind, issuer, subject, name, owner_issuer, owner_subject, connection,
    connection_revision, policy_revision, model, operation, rules, unseen, texts, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
  ON CONFLICT (binding) WHERE state IN ('pending', 'approved') DO UPDATE SET left_at = NULL
  RETURNING ${columns}`;
const useSql = "UPDATE weir.approvals SET state = 'used' WHERE id = $1 AND state = 'approved' AND expires_at > now()";
const statesSql = "SELECT id, state, reason FROM weir.approvals WHERE id = ANY($1)";
const leftSql = "UPDATE weir.approvals SET left_at = now() WHERE id = $1 AND state IN ('pending', 'approved')";
const lockSql = `SELECT ${columns} FROM weir.approvals WHERE id = $1 FOR UPDATE`;
const getSql = `SELECT ${columns} FROM weir.approvals WHERE id = $1`;
const textsSql = "SELECT texts FROM weir.approvals WHERE id = $1";
const votesSql =
  "SELECT issuer, subject, name, groups, verdict, reason, at FROM weir.approval_votes WHERE approval = $1 ORDER BY at, issuer, subject";
const voteSql = `INSERT INTO weir.approval_votes (approval, issuer, subject, name, groups, verdict, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (approval, issuer, subject) DO NOTHING`;
const decideSql = "UPDATE weir.approvals SET state = $2, decided_at = now(), reason = $3 WHERE id = $1";
const scopeSql = `INSERT INTO weir.approval_scopes (id, approval, issuer, subject, connection, model, operation, policies, policy_revision,
    connection_revision, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
const coveredSql = `SELECT policies FROM weir.approval_scopes WHERE issuer = $1 AND subject = $2 AND connection = $3 AND model IS NOT DISTINCT FROM $4
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

  /** The entry of an equal request that is in force, or a new one. */
  async open({ id, binding, texts, wish, expiresAt }: Opening): Promise<Approval> {
    const { call, principal, connection, model, policyRevision, rules, unseen } = wish;
    const who = [principal.kind, principal.issuer, principal.subject, principal.name];
    const owner = [principal.owner?.issuer ?? null, principal.owner?.subject ?? null];
    const where = [connection.name, connection.revision, policyRevision, model ?? null, call.operation.name];
    const values = [id, binding, call.id, ...who, ...owner, ...where, JSON.stringify(rules.map(factsOf)), unseen, texts, expiresAt];
    const { rows } = await this.#pool.query<ApprovalRow>(openSql, values);
    const [row] = rows;
    if (row === undefined) throw new Error("the database opened no approval");
    return approvalOf(row);
  }

  /** Uses an approval up: true for one caller only, whatever the number of replicas and of tries. */
  async use(id: string): Promise<boolean> {
    return this.#changed(useSql, [id]);
  }

  /** How things stand with these. */
  async states(ids: readonly string[]): Promise<readonly { id: string; state: ApprovalState; reason: string | null }[]> {
    const { rows } = await this.#pool.query<{ id: string; state: ApprovalState; reason: string | null }>(statesSql, [ids]);
    return rows;
  }

  /** Nobody waits for it any more. */
  async left(id: string): Promise<void> {
    await this.#pool.query(leftSql, [id]);
  }

  /** The policies that a yes for a time covers, for calls like this one. */
  async covered({ call, principal, connection, model, policyRevision }: ApprovalWish): Promise<ReadonlySet<string>> {
    const values = [
      principal.issuer,
      principal.subject,
      connection.name,
      model ?? null,
      call.operation.name,
      policyRevision,
      connection.revision,
    ];
    const { rows } = await this.#pool.query<{ policies: string[] }>(coveredSql, values);
    return new Set(rows.flatMap(({ policies }) => policies));
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
  decide(id: string, reviewer: Reviewer, verdict: Verdict): Promise<Approval> {
    return inTransaction(this.#pool, async (client) => {
      const approval = await lockPending(client, id);
      const refused = whyNot(approval, reviewer);
      if (refused !== undefined) throw new DecisionRefused(refused);
      await vote(client, id, reviewer, verdict);
      const { rows: votes } = await client.query<Vote>(votesSql, [id]);
      if (verdict.verdict === "deny") return settle(client, approval, "denied", verdict.reason);
      if (!isSatisfied(approval.rules, votes)) return approval;
      if (verdict.scope !== undefined) await grantScope(client, approval, verdict.scope);
      return settle(client, approval, "approved", verdict.reason);
    });
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

const lockPending = async (client: pg.PoolClient, id: string): Promise<Approval> => {
  const { rows } = await client.query<ApprovalRow>(lockSql, [id]);
  const [row] = rows;
  if (row === undefined) throw new DecisionRefused("There is no approval by that id.");
  if (row.state !== "pending") throw new DecisionRefused(`It is ${row.state} already.`);
  if (row.expires_at.getTime() <= Date.now()) throw new DecisionRefused("It has expired.");
  return approvalOf(row);
};

const vote = async (client: pg.PoolClient, id: string, reviewer: Reviewer, { verdict, reason }: Verdict): Promise<void> => {
  const { issuer, subject, name, groups } = reviewer;
  const { rowCount } = await client.query(voteSql, [id, issuer, subject, name, groups, verdict, reason]);
  if (rowCount === 0) throw new DecisionRefused("You have given your word already.");
};

const settle = async (client: pg.PoolClient, approval: Approval, state: "approved" | "denied", reason: string): Promise<Approval> => {
  await client.query(decideSql, [approval.id, state, reason]);
  await client.query("SELECT weir.announce('approvals')");
  return { ...approval, state, reason };
};

const grantScope = async (client: pg.PoolClient, approval: Approval, { id, until }: ScopeWish): Promise<void> => {
  const { principal, connection, model, operation, rules, policyRevision, connectionRevision } = approval;
  const what = [connection, model ?? null, operation, rules.map(({ policy }) => policy), policyRevision, connectionRevision];
  await client.query(scopeSql, [id, approval.id, principal.issuer, principal.subject, ...what, until]);
};
