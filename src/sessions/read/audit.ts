/** Verifies what the database holds: every chain, and that the lists say what the events say. */

import type pg from "pg";
import { type Finding, type StoredEvent, type Verdict, verifyEvents } from "../verify.ts";

interface EventRow {
  readonly session_id: string;
  readonly started: string;
  readonly seq: number;
  readonly hash: Buffer;
  readonly header: Buffer;
  readonly body: Buffer;
}

/** Events read at a time: with bodies of at most some 64 KiB each, a few MiB. */
const pageEvents = 200;

const pageSql = `
SELECT session_id, (extract(epoch FROM started_at) * 1000)::bigint AS started, seq, hash, header, body FROM weir.session_events
WHERE (started_at, session_id, seq) > (to_timestamp($1::float8 / 1000), $2, $3) ORDER BY started_at, session_id, seq LIMIT ${pageEvents}`;

async function* storedEvents(pool: pg.Pool): AsyncGenerator<StoredEvent> {
  let after: [number, string, number] = [0, "", -1];
  for (;;) {
    const { rows } = await pool.query<EventRow>(pageSql, after);
    for (const { session_id: session, started, seq, hash, header, body } of rows) {
      yield { session, started: Number(started), seq, hash, header, body };
      after = [Number(started), session, seq];
    }
    if (rows.length < pageEvents) return;
  }
}

/** Sessions that a list names and no event tells of, or the other way round, and ends that were taken away from one of them. */
const listsSql = `
WITH told AS (
  SELECT started_at, session_id, convert_from(header, 'UTF8')::jsonb AS j FROM weir.session_events
), first AS (SELECT * FROM told WHERE j ? 'opening'), last AS (SELECT * FROM told WHERE j ? 'end')
SELECT coalesce(l.session_id, f.session_id) AS session_id,
  CASE WHEN f.session_id IS NULL THEN 'its first event is missing' ELSE 'it is missing from the list of sessions' END AS problem
FROM weir.sessions l FULL JOIN first f USING (started_at, session_id) WHERE l.session_id IS NULL OR f.session_id IS NULL
UNION ALL
SELECT coalesce(l.session_id, f.session_id),
  CASE WHEN f.session_id IS NULL THEN 'its last event is missing' ELSE 'its end is missing from the list of ends' END
FROM weir.session_ends l FULL JOIN last f USING (started_at, session_id) WHERE l.session_id IS NULL OR f.session_id IS NULL
UNION ALL
SELECT session_id, 'the list of sessions says something else than its first event' FROM weir.sessions JOIN first USING (started_at, session_id)
WHERE (surface, operation, remote_address, issuer, subject, principal_name, connection, model, effect) IS DISTINCT FROM
  (j #>> '{opening,surface}', j #>> '{opening,operation}', j #>> '{opening,remote}', j #>> '{opening,principal,issuer}',
   j #>> '{opening,principal,subject}', j #>> '{opening,principal,name}', j #>> '{decided,connection}', j #>> '{decided,model}', j #>> '{decided,effect}')
UNION ALL
SELECT session_id, 'the list of ends says something else than its last event' FROM weir.session_ends JOIN last USING (started_at, session_id)
WHERE (outcome, reason, status) IS DISTINCT FROM (j #>> '{end,outcome}', j #>> '{end,reason}', (j #>> '{end,status}')::int)
ORDER BY 1`;

const listFindings = async (pool: pg.Pool): Promise<Finding[]> => {
  const { rows } = await pool.query<{ session_id: string; problem: string }>(listsSql);
  return rows.map(({ session_id: session, problem }) => ({ session, seq: -1, problem }));
};

/** Verifies the whole record. `pool` is of a role that may read it. Headers too broken to be JSON are found by the chains; the lists are then not compared. */
export const audit = async (pool: pg.Pool): Promise<Verdict> => {
  const verdict = await verifyEvents(storedEvents(pool));
  if (verdict.findings.length > 0) return verdict;
  return { ...verdict, findings: await listFindings(pool) };
};
