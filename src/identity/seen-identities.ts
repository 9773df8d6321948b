/** The directory of who has come in: written in batches, so that no call waits for it. */

import type { Principal } from "../envelope/call.ts";
import type { Pool, StoreLog } from "../store/index.ts";

/** What a caller has seen of an identity is written within this time, milliseconds. */
const flushMs = 2_000;
/** Identities noted and not yet written; beyond it newcomers wait for their next call. */
const mostPending = 20_000;

interface Seen {
  readonly principal: Principal;
  at: number;
}

/** One row of the directory. */
export interface DirectoryEntry {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

interface Row {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: string[];
  readonly first_seen: Date;
  readonly last_seen: Date;
}

/** Groups travel as JSON: PostgreSQL's arrays of arrays must be of one length. */
const upsertSql = `INSERT INTO weir.identities (issuer, subject, kind, name, email, groups, first_seen, last_seen)
  SELECT issuer, subject, kind, name, email, ARRAY(SELECT jsonb_array_elements_text(groups)), seen, seen
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
    AS t (issuer, subject, kind, name, email, groups, seen)
  ON CONFLICT (issuer, subject) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name, email = coalesce(EXCLUDED.email, weir.identities.email), groups = EXCLUDED.groups,
    last_seen = GREATEST(weir.identities.last_seen, EXCLUDED.last_seen)`;

const columns = "issuer, subject, kind, name, email, groups, first_seen, last_seen";
const listSql = `SELECT ${columns} FROM weir.identities WHERE ($1::text IS NULL OR name = $1) AND (issuer, subject) > ($2, $3)
  ORDER BY issuer, subject LIMIT $4`;

/** PostgreSQL's texts take no NUL. */
const clean = (text: string): string => text.replaceAll("\0", "\ufffd");

const entryOf = ({ email, first_seen: firstSeen, last_seen: lastSeen, ...rest }: Row): DirectoryEntry => ({
  ...rest,
  email: email ?? undefined,
  firstSeen,
  lastSeen,
});

export class SeenIdentities {
  readonly #pool: Pool;
  readonly #log: StoreLog;
  readonly #pending = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  /** `pool` is of the role `weir_access`. */
  constructor(pool: Pool, log: StoreLog) {
    this.#pool = pool;
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), flushMs).unref();
  }

  /** Notes that somebody came; cheap. */
  note(principal: Principal): void {
    if (principal.kind === "anonymous") return;
    const key = `${principal.issuer}\0${principal.subject}`;
    const seen = this.#pending.get(key);
    if (seen !== undefined && seen.principal === principal) seen.at = Date.now();
    else if (seen !== undefined || this.#pending.size < mostPending) this.#pending.set(key, { principal, at: Date.now() });
  }

  /** Writes what has been noted; what cannot be written is told to the log and noted anew at the next call. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** A page of the directory behind an entry, in the order of issuer and subject. */
  async list(filter: {
    readonly name: string | undefined;
    readonly after: readonly [string, string];
    readonly limit: number;
  }): Promise<readonly DirectoryEntry[]> {
    const { rows } = await this.#pool.query<Row>(listSql, [filter.name ?? null, ...filter.after, filter.limit]);
    return rows.map(entryOf);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const seen = [...this.#pending.values()];
    this.#pending.clear();
    const column = (of: (each: Seen) => unknown): unknown[] => seen.map(of);
    try {
      await this.#pool.query(upsertSql, [
        column(({ principal }) => clean(principal.issuer)),
        column(({ principal }) => clean(principal.subject)),
        column(({ principal }) => principal.kind),
        column(({ principal }) => clean(principal.name)),
        column(({ principal }) => (principal.email === undefined ? null : clean(principal.email))),
        column(({ principal }) => JSON.stringify(principal.groups.map(clean))),
        column(({ at }) => new Date(at)),
      ]);
    } catch (thrown) {
      this.#log.warn({ err: thrown }, "Who came in could not be written to the directory.");
    }
  }
}
