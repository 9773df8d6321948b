/** The statements that bring the journal into the database. Whatever is there already stays as it is. */

import type pg from "pg";
import { type EventPlace, prefixBytes } from "../event.ts";
import type { SealedKey } from "../master-key.ts";

/**
 * $1 is a pack of events; $2 to $4 say where each event, how long its header and its body are. Everything but the bytes themselves is read off
 * the headers here, so that a list of sessions says what was hashed and nothing else.
 */
const recordSql = `
WITH event AS MATERIALIZED (
  SELECT substring($1::bytea FROM o - 31 FOR 32) AS hash, substring($1 FROM o + 1 FOR h) AS header, substring($1 FROM o + h + 1 FOR b) AS body,
    convert_from(substring($1 FROM o + 1 FOR h), 'UTF8')::jsonb AS j
  FROM unnest($2::int[], $3::int[], $4::int[]) AS place (o, h, b)
), said AS MATERIALIZED (
  SELECT hash, header, body, j -> 'opening' AS opening, j -> 'decided' AS decided, j -> 'end' AS ending, j ->> 'session' AS session_id,
    (j ->> 'seq')::int AS seq, to_timestamp((j ->> 'started')::float8 / 1000) AS started_at, to_timestamp((j ->> 'at')::float8 / 1000) AS at
  FROM event
), events AS (
  INSERT INTO weir.session_events (started_at, session_id, seq, hash, header, body)
  SELECT started_at, session_id, seq, hash, header, body FROM said
  ON CONFLICT DO NOTHING
), begun AS (
  INSERT INTO weir.sessions (started_at, session_id, surface, operation, remote_address, principal_kind, issuer, subject, principal_name,
    connection, model, effect, rules, keep_until)
  SELECT started_at, session_id, opening ->> 'surface', opening ->> 'operation', opening ->> 'remote', opening #>> '{principal,kind}',
    opening #>> '{principal,issuer}', opening #>> '{principal,subject}', opening #>> '{principal,name}',
    decided ->> 'connection', decided ->> 'model', decided ->> 'effect',
    CASE WHEN decided IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(decided -> 'rules')) END,
    started_at + make_interval(days => (opening ->> 'keepDays')::int)
  FROM said WHERE opening IS NOT NULL
  ON CONFLICT DO NOTHING
)
INSERT INTO weir.session_ends (started_at, session_id, ended_at, outcome, reason, status, input_tokens, output_tokens)
SELECT started_at, session_id, at, ending ->> 'outcome', ending ->> 'reason', (ending ->> 'status')::int,
  (ending #>> '{usage,input}')::bigint, (ending #>> '{usage,output}')::bigint
FROM said WHERE ending IS NOT NULL
ON CONFLICT DO NOTHING`;

const list = (places: readonly EventPlace[], pick: (place: EventPlace) => number): string => `{${places.map(pick).join(",")}}`;

/** Adds a pack of events, all or none. */
export const insertEvents = async (pool: pg.Pool, pack: Buffer, places: readonly EventPlace[]): Promise<void> => {
  const values = [
    pack,
    list(places, ({ offset }) => offset + prefixBytes),
    list(places, ({ headerLength }) => headerLength),
    list(places, ({ bodyLength }) => bodyLength),
  ];
  await pool.query({ name: "weir-record", text: recordSql, values });
};

/** Adds a data key. */
export const insertKey = async (pool: pg.Pool, { id, masterKey, sealed, createdAt }: SealedKey): Promise<void> => {
  const sql = "INSERT INTO weir.data_keys (id, master_key, sealed, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
  await pool.query(sql, [id, masterKey, sealed, new Date(createdAt)]);
};

/** Makes the partitions of a day (`2026-01-31`, UTC). */
export const openDay = async (pool: pg.Pool, day: string): Promise<void> => {
  await pool.query("SELECT weir.open_day($1::date)", [day]);
};
