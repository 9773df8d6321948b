/** Reads the texts of a session, as whoever may read them, and records that it was read. */

import type pg from "pg";
import { DataKey } from "../data-key.ts";
import type { MasterKey } from "../master-key.ts";
import { type Piece, unpackSegment } from "../segment.ts";

/** Who reads, as the record of readings names them. */
export interface Reader {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
}

/** One masked text of the request. */
export interface RequestText {
  readonly path: readonly (string | number)[];
  readonly author: string;
  readonly text: string;
}

/** What a replay yields, in order: the request's texts (again for each later message of a request stream), the pieces with the times at which they came, and how it ended. */
export type Replayed =
  | { readonly kind: "request"; readonly texts: readonly RequestText[] }
  | { readonly kind: "piece"; readonly piece: Piece }
  | { readonly kind: "end"; readonly at: number; readonly outcome: string; readonly reason: string | undefined };

interface EventRow {
  readonly seq: number;
  readonly header: Buffer;
  readonly body: Buffer;
}

interface Header {
  readonly kind: string;
  readonly at: number;
  readonly started: number;
  readonly key: string | undefined;
  readonly end: { readonly outcome: string; readonly reason: string | undefined } | undefined;
}

const recordReading = async (pool: pg.Pool, session: string, { issuer, subject, name }: Reader): Promise<void> => {
  const sql = "INSERT INTO weir.session_readings (session_id, issuer, subject, principal_name, purpose) VALUES ($1, $2, $3, $4, 'replay')";
  await pool.query(sql, [session, issuer, subject, name]);
};

const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;

const parseHeader = (bytes: Buffer): Header => {
  const header: unknown = JSON.parse(bytes.toString("utf8"));
  const end = field(header, "end");
  return {
    kind: asText(field(header, "kind")) ?? "",
    at: Number(field(header, "at")),
    started: Number(field(header, "started")),
    key: asText(field(header, "key")),
    end: end === undefined ? undefined : { outcome: asText(field(end, "outcome")) ?? "", reason: asText(field(end, "reason")) },
  };
};

const parseTexts = (json: string): RequestText[] => {
  const texts: unknown = JSON.parse(json);
  if (!Array.isArray(texts)) throw new Error("not the texts of a request");
  return texts.map((entry: unknown) => {
    const path: unknown = field(entry, "path");
    return {
      path: Array.isArray(path) ? path.map((step: unknown) => (typeof step === "number" ? step : String(step))) : [],
      author: asText(field(entry, "author")) ?? "",
      text: asText(field(entry, "text")) ?? "",
    };
  });
};

/** Opens the data keys that a session's events name. */
class KeyRing {
  readonly #pool: pg.Pool;
  readonly #master: MasterKey;
  readonly #keys = new Map<string, DataKey>();

  constructor(pool: pg.Pool, master: MasterKey) {
    this.#pool = pool;
    this.#master = master;
  }

  async get(id: string): Promise<DataKey> {
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const sql = "SELECT id, master_key, sealed, created_at FROM weir.data_keys WHERE id = $1";
    const { rows } = await this.#pool.query<{ id: string; master_key: string; sealed: Buffer; created_at: Date }>(sql, [id]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the data key ${id} is missing`);
    const key = DataKey.open(this.#master, { id, masterKey: row.master_key, sealed: row.sealed, createdAt: row.created_at.getTime() });
    this.#keys.set(id, key);
    return key;
  }
}

function* replayEvent(header: Header, text: string): Generator<Replayed> {
  if (header.kind === "requested" || header.kind === "asked") yield { kind: "request", texts: text === "" ? [] : parseTexts(text) };
  else if (text !== "") for (const piece of unpackSegment(text)) yield { kind: "piece", piece };
  if (header.end !== undefined) yield { kind: "end", at: header.at - header.started, ...header.end };
}

/** Events are read one by one: each may hold as much as a whole request. */
const nextSql =
  "SELECT seq, header, body FROM weir.session_events WHERE session_id = $1 AND started_at = $2 AND seq > $3 ORDER BY seq LIMIT 1";

/**
 * Yields what was recorded of a session. The reading is recorded before anything is yielded. Ends after the last event that is stored, so a
 * session under way ends without an `end`. Rejects when a text was sealed under another key or has been altered.
 */
export async function* replay(
  { pool, master }: { readonly pool: pg.Pool; readonly master: MasterKey },
  session: { readonly id: string; readonly startedAt: Date },
  reader: Reader,
): AsyncGenerator<Replayed> {
  await recordReading(pool, session.id, reader);
  const keys = new KeyRing(pool, master);
  for (let seq = -1; ; ) {
    const { rows } = await pool.query<EventRow>(nextSql, [session.id, session.startedAt, seq]);
    const [row] = rows;
    if (row === undefined) return;
    seq = row.seq;
    const header = parseHeader(row.header);
    const text = header.key === undefined ? "" : (await keys.get(header.key)).openBody(row.body, row.header);
    yield* replayEvent(header, text);
  }
}
