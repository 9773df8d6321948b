/** Lists sessions and tells one, without texts. */

import type pg from "pg";
import type { Consent } from "../../enforcement/ports.ts";

/** A session as lists show it. */
export interface SessionSummary {
  readonly id: string;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  /** `open` while it is under way. */
  readonly state: string;
  readonly surface: string;
  readonly operation: string;
  readonly remoteAddress: string;
  readonly principal: { readonly kind: string; readonly issuer: string; readonly subject: string; readonly name: string } | undefined;
  readonly connection: string | undefined;
  readonly model: string | undefined;
  /** `allow`, `deny`, or undefined when it never came to a decision. */
  readonly effect: string | undefined;
  readonly rules: readonly string[];
  readonly reason: string | undefined;
  readonly status: number | undefined;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
}

/** Absent keys match every session; names match exactly. `state`: open, answered, stopped or interrupted. */
export interface SessionFilter {
  readonly principal?: string;
  readonly connection?: string;
  readonly model?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly since?: Date;
  readonly until?: Date;
}

/** Where a page ended: pass it on to get the next. */
export interface PagePoint {
  readonly startedAt: Date;
  readonly id: string;
}

interface Row {
  readonly session_id: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly surface: string;
  readonly operation: string;
  readonly remote_address: string;
  readonly principal_kind: string | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly principal_name: string | null;
  readonly connection: string | null;
  readonly model: string | null;
  readonly effect: string | null;
  readonly rules: string[] | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly status: number | null;
  readonly input_tokens: string | null;
  readonly output_tokens: string | null;
}

const summarySql = "SELECT * FROM weir.sessions LEFT JOIN weir.session_ends USING (started_at, session_id)";

const listSql = `${summarySql}
WHERE started_at >= coalesce($1::timestamptz, '-infinity') AND started_at < coalesce($2::timestamptz, 'infinity')
  AND (started_at, session_id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::text, ''))
  AND ($5::text IS NULL OR principal_name = $5) AND ($6::text IS NULL OR connection = $6) AND ($7::text IS NULL OR model = $7)
  AND ($8::text IS NULL OR coalesce(outcome, 'open') = $8) AND ($9::text IS NULL OR reason = $9)
ORDER BY started_at DESC, session_id DESC LIMIT $10`;

const usageOf = ({ input_tokens, output_tokens }: Row): SessionSummary["usage"] =>
  input_tokens === null || output_tokens === null ? undefined : { input: Number(input_tokens), output: Number(output_tokens) };

const principalOf = ({ principal_kind: kind, issuer, subject, principal_name: name }: Row): SessionSummary["principal"] =>
  kind === null || issuer === null || subject === null || name === null ? undefined : { kind, issuer, subject, name };

const summaryOf = (row: Row): SessionSummary => ({
  id: row.session_id,
  startedAt: row.started_at,
  endedAt: row.ended_at ?? undefined,
  state: row.outcome ?? "open",
  surface: row.surface,
  operation: row.operation,
  remoteAddress: row.remote_address,
  principal: principalOf(row),
  connection: row.connection ?? undefined,
  model: row.model ?? undefined,
  effect: row.effect ?? undefined,
  rules: row.rules ?? [],
  reason: row.reason ?? undefined,
  status: row.status ?? undefined,
  usage: usageOf(row),
});

/** The newest sessions first, at most `limit`, those before `after` when it is given. */
export const listSessions = async (pool: pg.Pool, filter: SessionFilter, limit: number, after?: PagePoint): Promise<SessionSummary[]> => {
  const { since, until, principal, connection, model, state, reason } = filter;
  const values = [since, until, after?.startedAt, after?.id, principal, connection, model, state, reason, limit];
  const { rows } = await pool.query<Row>(listSql, values);
  return rows.map(summaryOf);
};

/** One session; undefined when there is none of that id (any more). */
export const findSession = async (pool: pg.Pool, id: string): Promise<SessionSummary | undefined> => {
  const { rows } = await pool.query<Row>(`${summarySql} WHERE session_id = $1`, [id]);
  return rows[0] === undefined ? undefined : summaryOf(rows[0]);
};

/** How a session's decision was made; a field is empty when the call was stopped before it had one. */
export interface SessionDecision {
  readonly sentence: string;
  readonly policyRevision: string;
  readonly recordLevel: string;
  readonly note: string;
  readonly consents: readonly Consent[];
}

interface DecisionRow extends Omit<SessionDecision, "consents"> {
  readonly consents: readonly Consent[] | null;
}

const decisionSql = `
SELECT coalesce(max(j #>> '{decided,sentence}'), '') AS sentence, coalesce(max(j #>> '{decided,policy}'), '') AS "policyRevision",
  coalesce(max(j #>> '{decided,level}'), '') AS "recordLevel", coalesce(max(j #>> '{end,note}'), '') AS note,
  max(j #>> '{decided,approvals}')::jsonb AS consents
FROM (SELECT convert_from(header, 'UTF8')::jsonb AS j FROM weir.session_events WHERE started_at = $1 AND session_id = $2) AS event`;

/** What the record says about a session's decision. Rejects when the session's headers have been damaged. */
export const explainSession = async (pool: pg.Pool, { id, startedAt }: SessionSummary): Promise<SessionDecision> => {
  const { rows } = await pool.query<DecisionRow>(decisionSql, [startedAt, id]);
  const { consents, ...decision } = rows[0] ?? { sentence: "", policyRevision: "", recordLevel: "", note: "", consents: null };
  return { ...decision, consents: consents ?? [] };
};
